package wasmtest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/runtimes/wasm"
)

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
	op, ok := wasm.OpNamed(name.word)
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
