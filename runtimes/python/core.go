package python

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"

	"github.com/assay-dev/assay/runtimes/instrument"
)

// The wheel has one module of 89,060 functions: CPython, and every library that is
// linked to it. Nearly no program calls more than CPython, and to compile the rest
// takes five times as long. So the core is compiled: CPython and its C libraries,
// and what runs while the image is made. A program that comes to another function
// ends with engine.ErrMissing, and whoever runs it does so again on the whole.
//
// Nothing that is recorded depends on which of both ran: a guest that didn't miss has
// run the same code. Identity, image and expected values go by the whole's hash.

// coreFile is the hex sha-256 of the wheel, and a bit for each function of its module.
// TestCore makes it.
//
//go:embed core.bits
var coreFile []byte

// core is the set of functions that are compiled at first; nil, for all of them,
// where the set is of another wheel.
func core() instrument.Set {
	const head = 2 * sha256.Size
	if len(coreFile) <= head || string(coreFile[:head]) != pythonWheel.SHA256 {
		return nil
	}
	return coreFile[head:]
}

// codeHash is the hash of the code that is compiled of a module.
func (t *toolchain) codeHash(module [sha256.Size]byte) [sha256.Size]byte {
	if t.core == nil {
		return module
	}
	return instrument.HashOfCore(module, t.core)
}

// coreID tells the entries of a core from those of the whole.
func (t *toolchain) coreID() string {
	if t.core == nil {
		return ""
	}
	sum := sha256.Sum256(t.core)
	return "-core-" + hex.EncodeToString(sum[:8])
}
