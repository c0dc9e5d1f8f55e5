package instrument

import (
	"encoding/binary"
	"math"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// emitter writes the code of one function. What is taken over from the source
// unchanged is copied in runs.
type emitter struct {
	out   []byte
	src   []byte
	taken int // src up to here is in out, or was replaced
	depth int // frames open in out; the function's own is 0

	params int // parameters and source locals: added ones follow
	added  []wasm.ValType
}

// upTo copies what was not yet taken over of the source before at.
func (e *emitter) upTo(at int) {
	if e.taken < at {
		e.out = append(e.out, e.src[e.taken:at]...)
		e.taken = at
	}
}

// replace begins to write something in the place of in.
func (e *emitter) replace(in *wasm.Instr) {
	e.upTo(in.Start)
	e.taken = in.End
}

func (e *emitter) op(ops ...wasm.Op) {
	for _, op := range ops {
		e.out = wasm.AppendOp(e.out, op)
	}
}

func (e *emitter) opIndex(op wasm.Op, index uint32) {
	e.out = wasm.AppendU32(append(e.out, byte(op)), index)
}

func (e *emitter) i32(v int32) {
	e.out = wasm.AppendS64(append(e.out, byte(wasm.I32Const)), int64(v))
}

func (e *emitter) i64(v int64) {
	e.out = wasm.AppendS64(append(e.out, byte(wasm.I64Const)), v)
}

func (e *emitter) f32(v float32) {
	e.out = binary.LittleEndian.AppendUint32(append(e.out, byte(wasm.F32Const)), math.Float32bits(v))
}

func (e *emitter) f64(v float64) {
	e.out = binary.LittleEndian.AppendUint64(append(e.out, byte(wasm.F64Const)), math.Float64bits(v))
}

// open begins a block without parameters and with at most one result.
func (e *emitter) open(op wasm.Op, result wasm.ValType) {
	b := byte(0x40)
	if result != 0 {
		b = byte(result)
	}
	e.out = append(e.out, byte(op), b)
	e.depth++
}

// openType begins a block whose type has an index.
func (e *emitter) openType(op wasm.Op, ty int) {
	e.out = wasm.AppendS64(append(e.out, byte(op)), int64(ty))
	e.depth++
}

func (e *emitter) end() {
	e.out = append(e.out, byte(wasm.End))
	e.depth--
}

// branch writes op, a br or br_if, to the frame that was opened at depth label.
func (e *emitter) branch(op wasm.Op, label int) {
	e.opIndex(op, uint32(e.depth-label))
}

// local adds a local on first use; *slot is 0 or its index + 1.
func (e *emitter) local(slot *uint32, t wasm.ValType) uint32 {
	if *slot == 0 {
		e.added = append(e.added, t)
		*slot = uint32(e.params + len(e.added))
	}
	return *slot - 1
}
