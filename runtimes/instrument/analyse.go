package instrument

import (
	"fmt"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// mark is what the first reading notes of a block.
type mark uint8

const (
	hasElse    mark = 1 << iota // an if with an else arm
	byTable                     // some br_table branches to it
	branchedTo                  // something branches to its label
	endReached                  // the code after it can be reached
)

// function is what the first reading notes of a function.
type function struct {
	marks              int    // index of its own mark; those of its blocks follow in order
	slots              int64  // parameters, locals and operands, and values passed
	throws             tags   // what may leave it
	loops              bool   // has a loop that something branches back to
	cost               uint32 // of all its operators together
	misread, nmisread  int    // what the engine may get wrong of it is analysis.misread[misread:][:nmisread]
	direct             int    // its direct calls are analysis.calls[direct:][:ndirect]
	ndirect, nindirect int

	checked bool  // looks at the meters on entry; see placeChecks
	frame   int64 // slots that it takes from the depth, when checked
}

// sites is the number of places where the function calls something.
func (f *function) sites() int { return f.ndirect + f.nindirect }

// analysis is what the first reading notes of a module. Code that can't be
// reached is checked and otherwise ignored.
type analysis struct {
	m       *wasm.Module
	funcs   []function // of all functions, imported ones first
	marks   []mark
	graph   graph
	calls   []int32   // what is called directly, caller by caller
	throw   []tags    // what may leave a function, or a function called through a type
	misread []misread // what the engine may get wrong, function by function

	v       *wasm.Validator
	in      wasm.Instr
	frames  []scope
	origins origins
	live    bool
	dead    int // blocks opened since the code became unreachable
}

// scope is a block being read.
type scope struct {
	op       wasm.Op
	mark     int
	thenLive bool // of an if whose else arm is being read
	pass     tags // what, thrown here, leaves the function
}

func analyse(m *wasm.Module, o Options) (*analysis, error) {
	a := &analysis{m: m, funcs: make([]function, len(m.Funcs)), v: wasm.NewValidator(m, o.Bounds)}
	a.graph = newGraph(m)
	for fn := m.ImportedFuncs; fn < len(m.Funcs); fn++ {
		if err := a.function(fn); err != nil {
			return nil, err
		}
	}
	a.throw = a.graph.solve(a.funcs)
	a.placeChecks(o.FrameSlots)
	return a, nil
}

func (a *analysis) function(fn int) error {
	f := &a.funcs[fn]
	f.marks, f.direct, f.misread = len(a.marks), len(a.calls), len(a.misread)
	a.v.Begin(fn)
	a.origins.begin(len(a.v.Locals()))
	a.frames = append(a.frames[:0], scope{op: wasm.Call, mark: f.marks, pass: allTags})
	a.marks = append(a.marks, 0)
	a.live, a.dead = true, 0
	for a.v.Next(&a.in) {
		if text := a.unlowered(); text != "" {
			return &wasm.Error{
				Kind: wasm.ErrRefused, Func: fn, Text: text,
				Offset: a.m.Code[fn-a.m.ImportedFuncs].Offset + a.in.Start,
			}
		}
		a.step(fn, f)
	}
	if err := a.v.Err(); err != nil {
		return err
	}
	if len(a.graph.edges) > maxEdges {
		return &wasm.Error{Kind: wasm.ErrTooMuch, Func: fn, Text: fmt.Sprintf("more than %d calls to follow", maxEdges)}
	}
	f.slots += int64(a.v.Height()) + slotsOf(a.v.Locals()...) + passed(a.m.TypeOf(uint32(fn)))
	return nil
}

func slotsOf(types ...wasm.ValType) int64 {
	n := int64(len(types))
	for _, t := range types {
		if t == wasm.V128 {
			n++
		}
	}
	return n
}

// fewPassed is how many values are passed without a place in memory that the rest
// of a frame has no room for.
const fewPassed = 20

// passed is what a frame takes for the values that pass through a function's border,
// in slots. Engines give each of them a place for the way, and others for what it is
// made of and what becomes of it, anew at every call.
func passed(t wasm.FuncType) int64 {
	if len(t.Params)+len(t.Results) <= fewPassed {
		return 0
	}
	return 2 * (slotsOf(t.Params...) + slotsOf(t.Results...))
}

func (a *analysis) step(fn int, f *function) {
	if (a.live || a.in.Op == wasm.End || a.in.Op == wasm.Else) && a.origins.misreads(&a.in, a.v.Operands()) {
		f.nmisread++
		a.misread = append(a.misread, misread{at: int32(a.in.Start)})
	}
	if t := a.v.Top(); a.live && a.in.Op == wasm.Select && (t == wasm.F32 || t == wasm.F64 || t == wasm.V128) {
		f.nmisread++
		a.misread = append(a.misread, misread{int32(a.in.Start), t})
	}
	switch op := a.in.Op; op {
	case wasm.Block, wasm.Loop, wasm.If, wasm.TryTable:
		a.enter(op)
	case wasm.Else:
		a.elseArm()
	case wasm.End:
		a.end(f)
	default:
		if a.live {
			f.cost++
			if op.Info().Cost >= wasm.CostFar {
				f.cost += wasm.FuelFar - 1
			}
			a.plain(op, fn, f)
		}
	}
}

func (a *analysis) plain(op wasm.Op, fn int, f *function) {
	switch op {
	case wasm.Br, wasm.BrIf:
		a.branch(a.in.Index, branchedTo)
		a.live = op == wasm.BrIf
	case wasm.BrTable:
		for _, label := range a.in.Labels {
			a.branch(label, branchedTo|byTable)
		}
		a.live = false
	case wasm.Return:
		a.branch(uint32(len(a.frames)-1), branchedTo)
		a.live = false
	case wasm.Unreachable:
		a.live = false
	case wasm.Throw:
		f.throws |= tagBit(a.in.Index) & a.top().pass
		a.live = false
	case wasm.ThrowRef:
		f.throws |= a.top().pass
		a.live = false
	case wasm.Call:
		f.ndirect++
		a.calls = append(a.calls, int32(a.in.Index))
		a.graph.call(int(a.in.Index), fn, a.top().pass)
		f.slots += passed(a.m.TypeOf(a.in.Index))
	case wasm.CallIndirect:
		f.nindirect++
		a.graph.call(a.graph.typeNode(a.in.Index), fn, a.top().pass)
		f.slots += passed(a.m.Types[a.in.Index])
	}
}

func (a *analysis) top() *scope { return &a.frames[len(a.frames)-1] }

func (a *analysis) branch(label uint32, bits mark) {
	a.marks[a.frames[len(a.frames)-1-int(label)].mark] |= bits
}

func (a *analysis) enter(op wasm.Op) {
	if !a.live {
		a.dead++
		return
	}
	s := scope{op: op, mark: len(a.marks), pass: a.top().pass}
	if op == wasm.TryTable {
		for _, c := range a.in.Catches {
			a.branch(c.Label, branchedTo)
			if c.Kind >= wasm.CatchAll {
				s.pass = 0
			} else {
				s.pass &^= tagBit(c.Tag) &^ sharedTag
			}
		}
	}
	a.frames = append(a.frames, s)
	a.marks = append(a.marks, 0)
}

func (a *analysis) elseArm() {
	if a.dead > 0 {
		return
	}
	s := a.top()
	a.marks[s.mark] |= hasElse
	s.op, s.thenLive, a.live = wasm.Else, a.live, true
}

func (a *analysis) end(f *function) {
	if a.dead > 0 {
		a.dead--
		return
	}
	s := a.top()
	m := &a.marks[s.mark]
	switch s.op {
	case wasm.Loop:
		if *m&branchedTo != 0 {
			f.loops = true
		}
	case wasm.If:
		a.live = true
	default:
		a.live = a.live || s.thenLive || *m&branchedTo != 0
	}
	if a.live {
		*m |= endReached
	}
	a.frames = a.frames[:len(a.frames)-1]
}

// unlowered says what of the instruction can't be lowered.
func (a *analysis) unlowered() string {
	switch {
	case a.in.Op == wasm.RefIsNull && a.in.Type == wasm.ExnRef:
		return "ref.is_null of an exnref"
	case a.in.Op == wasm.CallIndirect && hasExnRef(a.m.Types[a.in.Index]):
		return "call_indirect with an exnref"
	}
	return ""
}

// typeTable is the type section being written: the source's types, with exnref
// become i64, and behind them what the rewriting adds.
type typeTable struct {
	types []wasm.FuncType
	added map[string]int
}

func newTypeTable(m *wasm.Module) *typeTable {
	t := &typeTable{added: map[string]int{}}
	for _, ft := range m.Types {
		t.types = append(t.types, plainFunc(ft))
	}
	return t
}

// index finds or appends a type.
func (t *typeTable) index(ft wasm.FuncType) int {
	ft = plainFunc(ft)
	key := ft.String()
	i, ok := t.added[key]
	if !ok {
		i = len(t.types)
		t.types = append(t.types, ft)
		t.added[key] = i
	}
	return i
}

// plainType is what a type becomes.
func plainType(t wasm.ValType) wasm.ValType {
	if t == wasm.ExnRef {
		return wasm.I64
	}
	return t
}

func plainFunc(ft wasm.FuncType) wasm.FuncType {
	return wasm.FuncType{Params: plainTypes(ft.Params), Results: plainTypes(ft.Results)}
}

func plainTypes(ts []wasm.ValType) []wasm.ValType {
	out := make([]wasm.ValType, len(ts))
	for i, t := range ts {
		out[i] = plainType(t)
	}
	return out
}
