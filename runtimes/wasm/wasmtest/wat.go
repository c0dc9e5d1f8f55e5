package wasmtest

import (
	"strings"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// Wat assembles a module in the text format, as far as tests need it: flat and
// folded instructions, names, inline imports and exports, active and passive
// segments, "(module binary STRING…)", and custom sections as "(@custom NAME
// STRING…)". An annotation of our own makes things large: "(@repeat N item…)"
// stands for its items N times over, among fields, instructions or strings.
func Wat(text string) []byte {
	fields := readExprs(text)
	if len(fields) == 1 && fields[0].head() == "module" {
		fields = fields[0].list[1:]
	}
	if len(fields) > 0 && fields[0].word == "binary" {
		return concat(fields[1:])
	}
	w := &watModule{m: New(), names: map[string]int{}, counts: map[string]int{}}
	each(fields, w.declare)
	for _, imports := range []bool{true, false} { // imports come first
		each(fields, func(f expr) { w.field(f, imports) })
	}
	return w.m.Bytes()
}

type watModule struct {
	m      *Module
	names  map[string]int // "func $f" and the like → index
	counts map[string]int // how many of a kind were declared
}

// declare gives a field its index.
func (w *watModule) declare(f expr) {
	kind, imported := f.head(), part(f.list, "import") != nil
	if kind == "import" {
		f, imported = f.list[3], true
		kind = f.head()
	}
	index := w.counts[kind]
	switch {
	case imported && kind != "func":
		f.wrong("only functions are imported here")
	case imported && index > w.counts["imported"]:
		f.wrong("imports come before the module's own functions")
	case imported:
		w.counts["imported"]++
	case kind == "type":
		index = w.signature(f.list[len(f.list)-1].list)
	}
	w.counts[kind]++
	if len(f.list) > 1 && strings.HasPrefix(f.list[1].word, "$") {
		w.names[kind+" "+f.list[1].word] = index
	}
}

// index is what a name or a number stands for.
func (w *watModule) index(kind string, e expr) int {
	if !strings.HasPrefix(e.word, "$") {
		return e.number()
	}
	i, ok := w.names[kind+" "+e.word]
	if !ok {
		e.wrong("no %s %s", kind, e.word)
	}
	return i
}

// part is the first list among items that begins with a word.
func part(items []expr, head string) *expr {
	for i := range items {
		if items[i].head() == head {
			return &items[i]
		}
	}
	return nil
}

func (w *watModule) field(f expr, imports bool) {
	items := f.list[1:]
	if f.head() == "import" {
		if imports {
			params, results := sides(items[2].list)
			w.m.Import(string(items[0].text), string(items[1].text), params, results)
		}
		return
	}
	if imports != (f.head() == "func" && part(items, "import") != nil) {
		return
	}
	if len(items) > 0 && f.head() != "start" && strings.HasPrefix(items[0].word, "$") {
		items = items[1:]
	}
	switch f.head() {
	case "type":
	case "func":
		w.function(items)
	case "memory":
		w.exported(&items, wasm.KindMemory, len(w.m.memories))
		w.m.Memory(sizes(items))
	case "table":
		w.exported(&items, wasm.KindTable, len(w.m.tables))
		least, most := sizes(items[:len(items)-1])
		w.m.Table(items[len(items)-1].word, least, most)
	case "global":
		w.global(items)
	case "tag":
		params, _ := sides(items)
		w.m.Tag(params)
	case "export":
		kind := items[1].head()
		kinds := map[string]wasm.ExternKind{"func": wasm.KindFunc, "memory": wasm.KindMemory, "table": wasm.KindTable, "global": wasm.KindGlobal}
		w.m.Export(string(items[0].text), kinds[kind], w.index(kind, items[1].list[1]))
	case "start":
		w.m.Start(w.index("func", items[0]))
	case "data":
		if at, rest := offset(items); at < 0 {
			w.m.Passive(concat(rest))
		} else {
			w.m.Data(at, concat(rest))
		}
	case "elem":
		w.elements(items)
	case "@custom":
		w.m.Custom(string(items[0].text), concat(items[1:]))
	default:
		f.wrong("no field %q", f.head())
	}
}

func (w *watModule) elements(items []expr) {
	at, rest := offset(items)
	var funcs []int
	each(rest, func(e expr) {
		if e.word != "func" {
			funcs = append(funcs, w.index("func", e))
		}
	})
	if at < 0 {
		w.m.PassiveElem(funcs...)
	} else {
		w.m.Elem(at, funcs...)
	}
}

// offset takes the constant that an active segment begins with; -1 where there
// is none.
func offset(items []expr) (int, []expr) {
	if len(items) > 0 && items[0].head() == "i32.const" {
		return items[0].list[1].number(), items[1:]
	}
	return -1, items
}

func (w *watModule) global(items []expr) {
	w.exported(&items, wasm.KindGlobal, len(w.m.globals))
	t, mutable := items[0], items[0].head() == "mut"
	if mutable {
		t = t.list[1]
	}
	w.m.Global(t.word, mutable, (&watCode{w: w}).code(items[1:]))
}

// exported takes inline exports off.
func (w *watModule) exported(items *[]expr, kind wasm.ExternKind, index int) {
	for len(*items) > 0 && (*items)[0].head() == "export" {
		w.m.Export(string((*items)[0].list[1].text), kind, index)
		*items = (*items)[1:]
	}
}

func (w *watModule) function(items []expr) {
	if i := part(items, "import"); i != nil {
		params, results := sides(items)
		w.m.Import(string(i.list[1].text), string(i.list[2].text), params, results)
		return
	}
	w.exported(&items, wasm.KindFunc, w.m.imported+len(w.m.funcs))
	c := &watCode{w: w, locals: map[string]int{}}
	var params, results, locals []string
	if t := part(items, "type"); t != nil {
		ft := w.m.types[w.index("type", t.list[1])]
		params, results, items = typeNames(ft.Params), typeNames(ft.Results), items[1:]
	}
	for len(items) > 0 {
		into := map[string]*[]string{"param": &params, "result": &results, "local": &locals}[items[0].head()]
		if into == nil {
			break
		}
		for _, e := range items[0].list[1:] {
			if strings.HasPrefix(e.word, "$") {
				c.locals[e.word] = len(params) + len(locals)
			}
		}
		*into = append(*into, types(items[0])...)
		items = items[1:]
	}
	w.m.Func(strings.Join(params, " "), strings.Join(results, " "), strings.Join(locals, " "), c.code(items))
}

// types are the value types of a (param …), (result …) or (local …).
func types(e expr) (out []string) {
	each(e.list[1:], func(t expr) {
		if !strings.HasPrefix(t.word, "$") {
			out = append(out, t.word)
		}
	})
	return out
}

func typeNames(ts []wasm.ValType) (out []string) {
	for _, t := range ts {
		out = append(out, t.String())
	}
	return out
}

// sides are the parameters and results among items, as Module takes them.
func sides(items []expr) (params, results string) {
	for _, e := range items {
		switch e.head() {
		case "param":
			params += " " + strings.Join(types(e), " ")
		case "result":
			results += " " + strings.Join(types(e), " ")
		}
	}
	return params, results
}

// signature is the index of a function type.
func (w *watModule) signature(items []expr) int { return w.m.Type(sides(items)) }

// sizes are the least and the most of a memory or table, -1 for no most.
func sizes(items []expr) (least, most int) {
	if least, most = items[0].number(), -1; len(items) > 1 {
		most = items[1].number()
	}
	return least, most
}
