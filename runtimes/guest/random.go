package guest

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// newRandom is ChaCha8 keyed with a hash of the seed.
func newRandom(seed uint64) *rand.ChaCha8 {
	return rand.NewChaCha8(sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("assay random/1 "), seed)))
}

func randomGet(k *call) error {
	b, err := k.out(0, uint64(k.u32(1)))
	if err != nil {
		return err
	}
	if err := k.w.charge(uint64(len(b))); err != nil {
		return err
	}
	_, err = k.w.random.Read(b)
	return err
}
