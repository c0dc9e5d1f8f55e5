package pairs

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"unicode"

	"github.com/zeebo/xxh3"
)

// Near-duplicates are told as BigCode tells them for The Stack and StarCoder
// (bigcode-dataset, near_deduplication): MinHash over sets of five words, 25
// bands of 10 values, which is best for a Jaccard similarity of 0.7. Documents
// that have a band in common are near-duplicates; the first one is kept.
const (
	shingleWords = 5
	bands        = 25
	bandRows     = 10
)

// prime is 2⁶¹ - 1: permutations are (a·h + b) mod prime, of h below 2³².
const prime = 1<<61 - 1

// permutations are the same in every run.
var permutations = func() (out [bands * bandRows][2]uint64) {
	for i := range out {
		sum := sha256.Sum256(fmt.Appendf(nil, "assay/minhash/1/%d", i))
		out[i][0] = 1 + binary.BigEndian.Uint64(sum[:8])%(prime-1)
		out[i][1] = binary.BigEndian.Uint64(sum[8:16]) % prime
	}
	return out
}()

// index knows the bands of the pairs that went by: a hash of each.
type index struct {
	seen [bands]map[uint64]struct{}
}

func newIndex() *index {
	x := &index{}
	for i := range x.seen {
		x.seen[i] = map[uint64]struct{}{}
	}
	return x
}

// known says whether a pair is like one that went by and was not.
func (x *index) known(c *candidate) (bool, error) {
	keys := bandKeys(shingles(c.rejected, c.chosen))
	for i, key := range keys {
		if _, there := x.seen[i][key]; there {
			return true, nil
		}
	}
	for i, key := range keys {
		x.seen[i][key] = struct{}{}
	}
	return false, nil
}

func bandKeys(set map[uint32]struct{}) (keys [bands]uint64) {
	var least [bands * bandRows]uint32
	for i, p := range permutations {
		least[i] = math.MaxUint32
		for h := range set {
			least[i] = min(least[i], permuted(p, h))
		}
	}
	var band [4 * bandRows]byte
	for i := range keys {
		for k := range bandRows {
			binary.BigEndian.PutUint32(band[4*k:], least[i*bandRows+k])
		}
		keys[i] = xxh3.Hash(band[:])
	}
	return keys
}

func permuted(p [2]uint64, h uint32) uint32 {
	hi, lo := bits.Mul64(p[0], uint64(h))
	lo, carry := bits.Add64(lo, p[1], 0)
	hi += carry
	v := lo&prime + (lo>>61 | hi<<3)
	v = v&prime + v>>61
	if v >= prime {
		v -= prime
	}
	return uint32(v)
}

// shingles are hashes of the runs of words of each text.
func shingles(texts ...string) map[uint32]struct{} {
	out := map[uint32]struct{}{}
	for _, text := range texts {
		words := strings.FieldsFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for at := 0; at == 0 || at+shingleWords <= len(words); at++ {
			run := words[at:min(at+shingleWords, len(words))]
			sum := sha1.Sum([]byte(strings.Join(run, " ")))
			out[binary.LittleEndian.Uint32(sum[:4])] = struct{}{}
		}
	}
	return out
}
