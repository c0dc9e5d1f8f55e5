package judge

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/runtimes"
)

// Identity is the hash, in hex, over everything that the record of this
// solution depends on: candidate, problem with its oracle and rule, runtime
// (which covers fuel schedule, driver and seed), limits, compat rules and the
// judge's version.
func (j *Judge) Identity(p *benchmarks.Problem, solution string) string {
	f := newFields("assay verdict")
	f.number(Version)
	f.text(candidateHash(solution))
	f.bytes(p.Hash[:])
	f.text(string(p.Oracle))
	f.text(j.config.Runtime.Identity())
	f.text(string(j.config.Compat))
	f.number(math.Float64bits(j.config.FuelFactor))
	f.number(j.config.Floor)
	f.limits(j.config.Limits)
	f.flag(j.config.BaseOnly)
	return f.sum()
}

// expectedKey is the cache key of a problem's expected values. The user's
// limits are not part of it: the canonical solution runs under its own.
func (j *Judge) expectedKey(p *benchmarks.Problem) string {
	f := newFields("assay expected")
	f.number(expectedVersion)
	f.bytes(p.Hash[:])
	f.text(string(p.Oracle))
	f.text(j.config.Runtime.Identity())
	f.limits(canonicalLimits)
	return f.sum()
}

func candidateHash(solution string) string {
	sum := sha256.Sum256([]byte(solution))
	return hex.EncodeToString(sum[:])
}

// fields hashes a row of fields, each with its length, so that no two rows
// hash alike.
type fields struct{ h hash.Hash }

func newFields(kind string) fields {
	f := fields{sha256.New()}
	f.text(kind)
	return f
}

func (f fields) bytes(b []byte) {
	f.number(uint64(len(b)))
	f.h.Write(b)
}

func (f fields) text(s string) { f.bytes([]byte(s)) }

func (f fields) number(n uint64) { f.h.Write(binary.LittleEndian.AppendUint64(nil, n)) }

func (f fields) flag(b bool) {
	if b {
		f.number(1)
	} else {
		f.number(0)
	}
}

func (f fields) limits(l runtimes.Limits) {
	for _, n := range []uint64{
		l.LoadFuel, l.CallFuel, l.MemoryBytes, l.StackSlots, l.OutputBytes,
		l.FSBytes, l.FSNodes, l.OpenFiles, l.ValueBytes, l.ValueNodes, l.ValueDepth,
	} {
		f.number(n)
	}
}

func (f fields) sum() string { return hex.EncodeToString(f.h.Sum(nil)) }
