package wazero

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	customSection = 0
	codeSection   = 10
)

// stub is the module with every function body replaced by a trap, and without
// custom sections: all that instantiating needs. wazero reads and validates a
// module whole even when its code comes from the cache, which for CPython is
// most of a second of the start; a stub takes a tenth of that. The code that
// is cached under the stub is the code of the whole module: the functions,
// types, imports and everything else that code refers to are the same.
func stub(module []byte) (out []byte, functions int, err error) {
	const preamble = 8
	if len(module) < preamble {
		return nil, 0, errors.New("module shorter than its preamble")
	}
	out = append(out, module[:preamble]...)
	for rest := module[preamble:]; len(rest) > 0; {
		size, n := binary.Uvarint(rest[1:])
		if n <= 0 || size > uint64(len(rest)-1-n) {
			return nil, 0, fmt.Errorf("section %d is cut short", rest[0])
		}
		whole := rest[:1+n+int(size)]
		switch rest[0] {
		case customSection:
		case codeSection:
			count, n := binary.Uvarint(whole[1+n:])
			if n <= 0 || count > size {
				return nil, 0, errors.New("code section without a count")
			}
			functions = int(count)
			out = appendTraps(out, functions)
		default:
			out = append(out, whole...)
		}
		rest = rest[len(whole):]
	}
	return out, functions, nil
}

// appendTraps appends a code section of n functions that trap.
func appendTraps(out []byte, n int) []byte {
	trap := []byte{3, 0, 0x00, 0x0b} // size, no locals, unreachable, end
	content := binary.AppendUvarint(nil, uint64(n))
	content = append(content, bytes.Repeat(trap, n)...)
	out = append(out, codeSection)
	out = binary.AppendUvarint(out, uint64(len(content)))
	return append(out, content...)
}
