package benchmarks

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"math"
)

// hash is over everything that a verdict on the problem may depend on.
func (p *Problem) hash() [32]byte {
	h := newDigest("problem/1")
	for _, s := range []string{
		rulesVersion, p.ID, p.Prompt, p.EntryPoint, p.Canonical, string(p.Oracle),
		p.Helpers, p.Test, p.Rule.Special,
	} {
		writeString(h, s)
	}
	if p.TestCase != "" {
		writeString(h, p.TestCase)
	}
	writeUint(h, math.Float64bits(p.Rule.Atol))
	for _, s := range p.Sets {
		writeString(h, s.Name)
		writeString(h, s.shape)
		writeUint(h, uint64(len(s.text)))
		h.Write(s.text)
	}
	if p.Tests != nil {
		p.Tests.hash(h)
		for _, s := range []string{p.Output.Name, p.Class, p.Before} {
			writeString(h, s)
		}
		writeUint(h, math.Float64bits(p.Output.Tolerance))
		if p.Output.IgnoreCase {
			writeString(h, "ignore case")
		}
		writeUint(h, math.Float64bits(p.Seconds))
	}
	return [32]byte(h.Sum(nil))
}

// newDigest makes a hash that starts with the kind of what is hashed.
func newDigest(kind string) hash.Hash {
	h := sha256.New()
	writeString(h, kind)
	return h
}

// writeString writes a string so that no two lists of strings look the same.
func writeString(h hash.Hash, s string) {
	writeUint(h, uint64(len(s)))
	io.WriteString(h, s)
}

func writeUint(h hash.Hash, n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	h.Write(b[:])
}
