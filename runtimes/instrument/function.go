package instrument

import (
	"encoding/binary"
	"math"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// rewriter writes the functions of a module anew, one after the other.
type rewriter struct {
	emitter
	a     *analysis
	m     *wasm.Module
	o     Options
	core  Set // nil: all functions
	g     globals
	types *typeTable

	fn      int
	info    *function
	mark    int       // index of the next block's mark
	misread []misread // what of the function is still to be written around
	frames  []frame
	live    bool
	dead    int   // blocks opened since the code became unreachable
	debt    int64 // fuel used up to here and not yet taken from the local
	temps   temps
	gauge   gauge
	bill    bill

	result [1]wasm.ValType
	reader wasm.Reader
	in     wasm.Instr
}

// temps are the added locals of a function, as emitter.local keeps them.
type temps struct {
	fuel, depth    uint32
	i32, i64       uint32
	f32, f64, v128 uint32
}

// frame is a block of the source being rewritten.
type frame struct {
	op      wasm.Op
	mark    mark
	label   int // depth in the output that a branch to it goes to
	handler int // depth of the label where exceptions go; noHandler
	owed    int64
	fixed   bool  // owed is what every branch to the label has to owe
	entry   int64 // owed where an if began
	arity   int   // values that a branch to the label takes
	landing int   // number of its landing in the br_table being written
	catches []wasm.Catch
	outer   int // handler around a try_table
}

const noHandler = -1

// pinned says whether every branch to the label has to owe nothing: a br_table
// takes values there, which can't take a way round.
func (f *frame) pinned() bool { return f.mark&byTable != 0 && f.arity > 0 }

// function appends the rewritten function to code, its length included.
func (w *rewriter) function(fn int, code []byte) ([]byte, error) {
	c := &w.m.Code[fn-w.m.ImportedFuncs]
	t := w.m.TypeOf(uint32(fn))
	w.fn, w.info = fn, &w.a.funcs[fn]
	w.emitter = emitter{
		out: w.out[:0], src: c.Body, added: w.added[:0],
		params: len(t.Params) + c.NumLocals(),
	}
	w.temps, w.mark, w.misread = temps{}, w.info.marks, w.a.misread[w.info.misread:][:w.info.nmisread]
	w.frames, w.live, w.dead, w.debt = w.frames[:0], true, 0, 0
	w.begin(t)
	w.reader = wasm.NewReader(c, fn, w.o.Bounds.BrTargets)
	for w.reader.Next(&w.in) {
		w.step()
	}
	if err := w.reader.Err(); err != nil {
		return nil, err
	}
	if w.o.bounded() {
		f, err := w.gauge.function(w, fn, c)
		if err != nil {
			return nil, err
		}
		if text := w.bill.add(f, &w.o); text != "" {
			return nil, &wasm.Error{Kind: wasm.ErrTooMuch, Func: fn, Offset: c.Offset, Text: text}
		}
	}
	return w.finish(c, code), nil
}

// begin opens the function's frame: the prologue, a block around all for what
// is thrown ($exc), and one for what returns where an epilogue must follow.
func (w *rewriter) begin(t wasm.FuncType) {
	f := frame{op: wasm.Call, mark: w.a.marks[w.mark], handler: noHandler}
	w.mark++
	w.enterMeters()
	if w.throws() {
		w.open(wasm.Block, 0)
		f.handler = w.depth
	}
	if w.o.Fuel {
		w.openResults(t.Results)
	}
	if f.label = w.depth; !w.o.Fuel {
		f.label = 0
	}
	f.arity = len(t.Results)
	f.fixed = f.pinned()
	w.frames = append(w.frames, f)
}

// throws says whether an exception may leave the function.
func (w *rewriter) throws() bool { return w.a.throw[w.fn] != 0 }

func (w *rewriter) openResults(results []wasm.ValType) {
	switch len(results) {
	case 0:
		w.open(wasm.Block, 0)
	case 1:
		w.open(wasm.Block, plainType(results[0]))
	default:
		w.openType(wasm.Block, w.types.index(wasm.FuncType{Results: results}))
	}
}

// finish puts locals and code together.
func (w *rewriter) finish(c *wasm.Code, code []byte) []byte {
	runs := make([]wasm.LocalRun, 0, len(c.Locals)+len(w.added))
	for _, r := range c.Locals {
		runs = append(runs, wasm.LocalRun{Count: r.Count, Type: plainType(r.Type)})
	}
	for _, t := range w.added {
		runs = append(runs, wasm.LocalRun{Count: 1, Type: t})
	}
	var buf [256]byte
	locals := wasm.AppendLocals(buf[:0], runs)
	code = wasm.AppendU32(code, uint32(len(locals)+len(w.out)))
	return append(append(code, locals...), w.out...)
}

func (w *rewriter) top() *frame { return &w.frames[len(w.frames)-1] }

func (w *rewriter) step() {
	in := &w.in
	if !w.live {
		w.skip()
		return
	}
	switch cost := in.Op.Info().Cost; {
	case cost >= wasm.CostFar && !w.o.flat:
		w.debt += wasm.FuelFar
	case cost != wasm.CostFree:
		w.debt++
	}
	switch in.Op {
	case wasm.Block, wasm.Loop, wasm.If:
		w.block()
	case wasm.TryTable:
		w.tryTable()
	case wasm.Else:
		w.elseArm()
	case wasm.End:
		w.endBlock()
	case wasm.Br, wasm.BrIf:
		w.br(in.Op, in.Index)
	case wasm.BrTable:
		w.brTable()
	case wasm.Return:
		w.ret()
	case wasm.Unreachable:
		w.upTo(in.Start)
		w.saveFuel()
		w.live = false
		w.upTo(in.End)
	case wasm.Throw:
		w.throw()
	case wasm.ThrowRef:
		w.throwRef()
	case wasm.Call:
		w.call(w.a.throw[in.Index])
	case wasm.CallIndirect:
		w.call(w.a.throw[w.a.graph.typeNode(in.Index)])
	case wasm.RefNull:
		if in.Type == wasm.ExnRef {
			w.replace(in)
			w.i64(0)
		}
	case wasm.SelectT:
		if in.Type == wasm.ExnRef {
			w.replace(in)
			w.out = append(w.out, byte(wasm.SelectT), 1, byte(wasm.I64))
		} else if !in.Type.IsRef() {
			w.selectOf(in.Type)
		}
	default:
		w.plain()
	}
}

// skip passes over code that can't be reached.
func (w *rewriter) skip() {
	switch w.in.Op {
	case wasm.Block, wasm.Loop, wasm.If, wasm.TryTable:
		w.dead++
	case wasm.Else:
		if w.dead == 0 {
			w.elseArm()
			return
		}
	case wasm.End:
		if w.dead == 0 {
			w.endBlock()
			return
		}
		w.dead--
	}
	w.taken = w.in.End
}

func (w *rewriter) plain() {
	if len(w.misread) > 0 && int(w.misread[0].at) == w.in.Start {
		w.writeAround()
		return
	}
	info := w.in.Op.Info()
	if info.Cost == wasm.CostBulk || info.Cost == wasm.CostFarBulk {
		w.bulk()
	}
	if info.NaN != wasm.NaNNone && w.o.NaN {
		w.upTo(w.in.End)
		w.canonical(info.NaN)
	}
}

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
