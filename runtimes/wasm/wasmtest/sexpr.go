package wasmtest

import (
	"fmt"
	"strconv"
	"strings"
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
