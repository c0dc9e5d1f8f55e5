package wasmtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// expr is a word, a string or a list of the text format.
type expr struct {
	word string
	text []byte // of a string
	list []expr
	kind exprKind
	line int
}

type exprKind int

const (
	wordExpr exprKind = iota
	textExpr
	listExpr
)

// head is the word that a list begins with.
func (e expr) head() string {
	if e.kind == listExpr && len(e.list) > 0 {
		return e.list[0].word
	}
	return ""
}

func (e expr) wrong(format string, args ...any) {
	panic(fmt.Sprintf("wasmtest: line %d: %s", e.line, fmt.Sprintf(format, args...)))
}

// number reads a word as a count.
func (e expr) number() int {
	n, err := strconv.ParseInt(e.word, 0, 64)
	if e.kind != wordExpr || err != nil {
		e.wrong("%q is no number", e.word)
	}
	return int(n)
}

// each visits the items, those of (@repeat N item…) N times over.
func each(items []expr, visit func(expr)) {
	for _, item := range items {
		if item.head() != "@repeat" {
			visit(item)
			continue
		}
		for range item.list[1].number() {
			each(item.list[2:], visit)
		}
	}
}

// concat joins strings, those of (@repeat N string…) N times over.
func concat(items []expr) []byte {
	var out []byte
	for _, item := range items {
		switch {
		case item.kind == textExpr:
			out = append(out, item.text...)
		case item.head() == "@repeat":
			once := concat(item.list[2:])
			for range item.list[1].number() {
				out = append(out, once...)
			}
		default:
			item.wrong("a string expected")
		}
	}
	return out
}

type sexprReader struct {
	text string
	line int
}

// readExprs reads a whole text.
func readExprs(text string) []expr {
	r := &sexprReader{text: text, line: 1}
	items := r.items()
	if r.text != "" {
		panic(fmt.Sprintf("wasmtest: line %d: ) without its (", r.line))
	}
	return items
}

// items reads up to a closing parenthesis or the end.
func (r *sexprReader) items() []expr {
	var out []expr
	for r.space(); r.text != "" && r.text[0] != ')'; r.space() {
		e := expr{line: r.line}
		switch r.text[0] {
		case '(':
			r.text = r.text[1:]
			e.kind, e.list = listExpr, r.items()
			if r.text == "" {
				e.wrong("( without its )")
			}
			r.text = r.text[1:]
		case '"':
			e.kind, e.text = textExpr, r.quoted()
		default:
			n := strings.IndexAny(r.text+" ", " \t\r\n();\"")
			e.word, r.text = r.text[:n], r.text[n:]
		}
		out = append(out, e)
	}
	return out
}

// space skips blanks and comments.
func (r *sexprReader) space() {
	for r.text != "" {
		switch {
		case r.text[0] == '\n':
			r.line++
		case strings.HasPrefix(r.text, ";;"):
			n := strings.IndexByte(r.text+"\n", '\n')
			r.text = r.text[n:]
			continue
		case !strings.ContainsRune(" \t\r", rune(r.text[0])):
			return
		}
		r.text = r.text[1:]
	}
}

// quoted reads a string: \nn is a byte in hexadecimal, \n \t \" \\ are as usual.
func (r *sexprReader) quoted() []byte {
	var out []byte
	for i := 1; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"':
			r.text = r.text[i+1:]
			return out
		case c != '\\':
			out = append(out, c)
		case i+1 < len(r.text) && strings.IndexByte(`nt"\`, r.text[i+1]) >= 0:
			i++
			out = append(out, map[byte]byte{'n': '\n', 't': '\t', '"': '"', '\\': '\\'}[r.text[i]])
		default:
			b, err := strconv.ParseUint(r.text[min(i+1, len(r.text)):min(i+3, len(r.text))], 16, 8)
			if err != nil {
				panic(fmt.Sprintf("wasmtest: line %d: %v", r.line, err))
			}
			out, i = append(out, byte(b)), i+2
		}
	}
	panic(fmt.Sprintf("wasmtest: line %d: a string without an end", r.line))
}

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

// watCode turns instructions of the text format into the words of Asm.
type watCode struct {
	w      *watModule
	locals map[string]int
	labels []string // of the blocks that are open, "" for those without a name
	out    strings.Builder
}

func (c *watCode) code(items []expr) string {
	c.sequence(items)
	return c.out.String()
}

func (c *watCode) put(words ...string) {
	for _, w := range words {
		c.out.WriteString(w)
		c.out.WriteByte(' ')
	}
}

// end closes the innermost block.
func (c *watCode) end() {
	c.put("end")
	if len(c.labels) > 0 {
		c.labels = c.labels[:len(c.labels)-1]
	}
}

// sequence writes flat and folded instructions.
func (c *watCode) sequence(items []expr) {
	for len(items) > 0 {
		n := 1
		switch e := items[0]; {
		case e.head() == "@repeat":
			for range e.list[1].number() {
				c.sequence(e.list[2:])
			}
		case e.kind == listExpr:
			c.folded(e)
		case e.word == "end":
			c.end()
		case e.word == "else":
			c.put("else")
		default:
			var words []string
			words, n = c.instruction(items)
			c.put(words...)
		}
		items = items[n:]
	}
}

// folded writes an instruction in parentheses: its operands come before it, and
// a block ends with it.
func (c *watCode) folded(e expr) {
	switch e.head() {
	case "block", "loop":
		words, n := c.instruction(e.list)
		c.put(words...)
		c.sequence(e.list[n:])
		c.end()
	case "if":
		c.foldedIf(e)
	default:
		words, n := c.instruction(e.list)
		c.sequence(e.list[n:])
		c.put(words...)
	}
}

// foldedIf writes (if TYPE CONDITION (then …) (else …)).
func (c *watCode) foldedIf(e expr) {
	then := slices.IndexFunc(e.list, func(e expr) bool { return e.head() == "then" })
	if then < 0 {
		e.wrong("an if without then")
	}
	words, n := c.instruction(e.list[:then])
	c.sequence(e.list[n:then])
	c.put(words...)
	c.sequence(e.list[then].list[1:])
	if other := part(e.list[then:], "else"); other != nil {
		c.put("else")
		c.sequence(other.list[1:])
	}
	c.end()
}

// instruction gives the words of the operator that items begin with, and how
// many items it takes.
func (c *watCode) instruction(items []expr) (words []string, taken int) {
	name := items[0]
	op, ok := OpNamed(name.word)
	if !ok {
		name.wrong("no operator %q", name.word)
	}
	words, items = []string{name.word}, items[1:]
	more, n := []string(nil), 0
	switch info := op.Info(); info.Imm {
	case wasm.ImmNone, wasm.ImmTwoMems, wasm.ImmMem:
	case wasm.ImmBlock:
		more, n = c.block(items)
	case wasm.ImmMemArg:
		more, n = memArg(items)
	case wasm.ImmBrTable:
		more, n = c.branches(items)
	case wasm.ImmCallTable:
		more, n = c.indirect(items)
	case wasm.ImmTwoTables:
		more = []string{"0", "0"}
	default:
		if len(items) == 0 {
			name.wrong("%s lacks what follows it", name.word)
		}
		more, n = []string{c.operand(name.word, items[0])}, 1
	}
	return append(words, more...), n + 1
}

// operand is an index by name or number, or any other word.
func (c *watCode) operand(op string, e expr) string {
	switch {
	case op == "ref.null":
		return e.word + "ref"
	case !strings.HasPrefix(e.word, "$"):
		return e.word
	}
	family, _, _ := strings.Cut(op, ".")
	switch {
	case family == "local":
		i, ok := c.locals[e.word]
		if !ok {
			e.wrong("no local %s", e.word)
		}
		return strconv.Itoa(i)
	case strings.HasPrefix(op, "br"):
		return c.label(e)
	case op == "call" || op == "ref.func":
		family = "func"
	}
	return strconv.Itoa(c.w.index(family, e))
}

// label is how many blocks lie between here and the one of a name.
func (c *watCode) label(e expr) string {
	if !strings.HasPrefix(e.word, "$") {
		return e.word
	}
	for i := len(c.labels) - 1; i >= 0; i-- {
		if c.labels[i] == e.word {
			return strconv.Itoa(len(c.labels) - 1 - i)
		}
	}
	e.wrong("no label %s", e.word)
	return ""
}

// block opens a block: its label and its type.
func (c *watCode) block(items []expr) (words []string, n int) {
	label := ""
	if len(items) > 0 && strings.HasPrefix(items[0].word, "$") {
		n, label = 1, items[0].word
	}
	c.labels = append(c.labels, label)
	types := n
	for n < len(items) && (items[n].head() == "param" || items[n].head() == "result") {
		n++
	}
	if types < n {
		params, results := sides(items[types:n])
		words = []string{"(", params, "->", results, ")"}
	}
	return words, n
}

// memArg reads offset=N and align=N.
func memArg(items []expr) (words []string, n int) {
	offset, align := "0", 0
	for ; n < len(items); n++ {
		name, value, ok := strings.Cut(items[n].word, "=")
		if !ok {
			break
		}
		if name == "offset" {
			offset = value
		} else {
			align = slices.Index([]string{"1", "2", "4", "8", "16"}, value)
		}
	}
	return []string{"[", strconv.Itoa(align), offset, "]"}, n
}

// branches reads the labels of a br_table, the default last.
func (c *watCode) branches(items []expr) (words []string, n int) {
	words = []string{"["}
	for n < len(items) && isIndex(items[n]) {
		each(items[n:n+1], func(e expr) { words = append(words, c.label(e)) })
		n++
	}
	return append(words, "]"), n
}

func isIndex(e expr) bool {
	return e.head() == "@repeat" || e.word != "" && strings.ContainsRune("$0123456789", rune(e.word[0]))
}

// indirect reads the type of a call_indirect, of table 0.
func (c *watCode) indirect(items []expr) (words []string, n int) {
	for n < len(items) && slices.Contains([]string{"type", "param", "result"}, items[n].head()) {
		n++
	}
	if t := part(items[:n], "type"); t != nil {
		return []string{strconv.Itoa(c.w.index("type", t.list[1])), "0"}, n
	}
	return []string{strconv.Itoa(c.w.signature(items[:n])), "0"}, n
}
