package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/assay-dev/assay/internal/excerpt"
)

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// paint colours text on terminals, unless NO_COLOR asks for none.
type paint bool

func painter(w io.Writer) paint {
	return paint(isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

func (p paint) wrap(code, s string) string {
	if !p {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) green(s string) string { return p.wrap("32", s) }
func (p paint) red(s string) string   { return p.wrap("31", s) }

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// inCell keeps what a program named, the type of an exception, in its cell.
var inCell = strings.NewReplacer("\n", `\n`, "\t", `\t`)

func escapedOrDash(s string) string { return orDash(inCell.Replace(excerpt.Escape(s))) }

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// trimLines takes the blanks off the ends of lines, which a table's last column
// leaves.
func trimLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}
