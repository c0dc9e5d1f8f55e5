package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/instrument"
)

const pageSize = 64 << 10

// Image is a booted guest at rest. It is read only and safe for concurrent use.
type Image struct {
	Globals []uint64 // in Module.Globals' order
	State   []byte   // what the host holds for the guest, in its own encoding

	room *room // begins with the memory
	size int   // bytes of memory
}

// Key names an image by everything that went into it: the module and the
// recipe, which the caller spells out part by part.
func Key(m *instrument.Module, recipe ...[]byte) string {
	h := sha256.New()
	for _, part := range append([][]byte{[]byte("assay image 1"), m.Hash[:]}, recipe...) {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Take copies an instance that is not running.
func Take(inst engine.Instance, state []byte) (*Image, error) {
	mem := inst.Memory()
	r, err := newRoom(len(mem))
	if err != nil {
		return nil, fmt.Errorf("take image: %w", err)
	}
	copy(r.bytes, mem)
	return &Image{Globals: inst.Globals(), State: append([]byte(nil), state...), room: r, size: len(mem)}, nil
}

// Memory is the linear memory; it must not be written to.
func (im *Image) Memory() []byte { return im.room.bytes[:im.size] }

// Pages is the size of the memory in pages of 64 KiB.
func (im *Image) Pages() uint32 { return uint32(im.size / pageSize) }

// Close frees the image. Pools that use it must be closed before.
func (im *Image) Close() error { return im.room.close() }
