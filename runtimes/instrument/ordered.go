package instrument

import "github.com/assay-dev/assay/runtimes/wasm"

// wazero 1.12 turns an integer compare of a & b with the constant 0, where it
// decides a branch, into a test of the bits. That gives other flags than the
// compare where the 0 is on its left (amd64) and where it has no sign (arm64).
// The rewriting writes "i32.const 0 i32.or" behind each compare of that kind,
// which keeps it out of the branch. The engine knows a constant through locals
// and blocks, and a & b only between two branches, so that is what is tracked
// here: for every local and operand, by its place, what it may be. See
// TestOrderedCompares.

// origin is what a value may be to the engine.
type origin uint8

const (
	zeroConst   origin = 1 << iota
	masked             // a & b
	otherOrigin        // neither; nothing known is zeroConst
)

// seen is an origin and the straight line of code where it was noted.
type seen struct {
	line uint32
	origin
}

// origins follows one function after the other.
type origins struct {
	line     uint32
	locals   []seen
	operands []seen
}

func (s *origins) begin(locals int) {
	s.line++
	if n := locals - len(s.locals); n > 0 {
		s.locals = append(s.locals, make([]seen, n)...)
	}
}

// of is what a value may be: what was seen before the last branch may be a
// constant, but no a & b.
func (s *origins) of(v seen) origin {
	if v.line != s.line {
		return zeroConst
	}
	return v.origin
}

func (s *origins) operand(at int) origin {
	if at < len(s.operands) {
		return s.of(s.operands[at])
	}
	return zeroConst
}

func (s *origins) push(at int, o origin) {
	if n := at + 1 - len(s.operands); n > 0 {
		s.operands = append(s.operands, make([]seen, n)...)
	}
	s.operands[at] = seen{s.line, o}
}

// misreads takes the next instruction, after which n operands are there, and
// says whether it is a compare that the engine may get wrong.
func (s *origins) misreads(in *wasm.Instr, n int) bool {
	switch op := in.Op; op {
	case wasm.Loop, wasm.If, wasm.Else, wasm.End, wasm.BrIf:
		s.line++
	case wasm.I32Const, wasm.I64Const:
		if in.Value == 0 {
			s.push(n-1, zeroConst)
		} else {
			s.push(n-1, otherOrigin)
		}
	case wasm.LocalGet:
		s.push(n-1, s.of(s.locals[in.Index]))
	case wasm.LocalSet:
		s.locals[in.Index] = seen{s.line, s.operand(n)}
	case wasm.LocalTee:
		s.locals[in.Index] = seen{s.line, s.operand(n - 1)}
	case wasm.I32And, wasm.I64And:
		s.push(n-1, masked)
	case wasm.I32Shl, wasm.I32ShrS, wasm.I32ShrU, wasm.I64Shl, wasm.I64ShrS, wasm.I64ShrU:
		// A shift by the constant 0 is nothing: the operand below stays.
	default:
		wrong := (op >= wasm.I32LtS && op <= wasm.I32GeU || op >= wasm.I64LtS && op <= wasm.I64GeU) &&
			s.operand(n-1)|s.operand(n) == zeroConst|masked
		// What an operator without a case above puts there instead is neither;
		// left as it was, it would only be taken for more than it is.
		if op.Info().Result != 0 || op == wasm.GlobalGet || op == wasm.Select {
			s.push(n-1, otherOrigin)
		}
		return wrong
	}
	return false
}
