package python

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// The C stack of the interpreter, in its linear memory: it grows down from
// stackTop to 0. CPython assumes that WASI gives it 128 KiB and raises
// RecursionError near their end, two hundred calls through functools.lru_cache
// deep; with more room its own limit of 1,000 calls comes first, as elsewhere.
const (
	stackTop      = 16 << 20
	stackAssumed  = 112 << 10 // where it raises, from the top
	stackHard     = 120 << 10 // where it ends itself
	stackAllowed  = 2 << 20   // with 8 an engine's own stack could end first
	stackReserved = stackHard - stackAssumed
)

// raiseStackLimit changes where CPython sees the end of its stack: the fields
// c_stack_top, c_stack_soft_limit and c_stack_hard_limit of its one thread,
// which are followed by c_stack_init_base and c_stack_init_top.
func raiseStackLimit(mem []byte) error {
	found := stackFields(stackAssumed)
	at := bytes.Index(mem, found)
	if at < 0 || bytes.Contains(mem[at+1:], found) {
		return errors.New("the limits of the C stack are not where this version of CPython has them")
	}
	copy(mem[at:], stackFields(stackAllowed))
	return nil
}

func stackFields(soft uint32) []byte {
	var b []byte
	for _, word := range []uint32{stackTop, stackTop - soft, stackTop - soft - stackReserved, 0, stackTop} {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	return b
}
