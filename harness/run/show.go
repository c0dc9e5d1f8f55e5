package run

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assay-dev/assay/harness"
)

// Show writes all that is known of one record, for people. What comes from a
// candidate is escaped.
func (s *Stored) Show(w io.Writer, r harness.Record) error {
	solution, err := s.Candidate(r)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  sample %d  %s\n", r.TaskID, r.Sample, verdictLine(r))
	fmt.Fprintf(&b, "fuel %d, peak memory %.1f MiB, oracle %s\n", r.Fuel, float64(r.Pages)/16, r.Oracle)
	fmt.Fprintf(&b, "candidate %s\nidentity  %s\n", r.Candidate, r.Identity)
	Section(&b, "program", Numbered(solution))
	for _, f := range []*harness.Failure{r.Failure, r.PlusFailure} {
		if f != nil {
			showFailure(&b, f)
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func verdictLine(r harness.Record) string {
	out := string(r.Verdict)
	if r.Base != "" {
		out += fmt.Sprintf(" (base %s", r.Base)
		if r.Plus != "" {
			out += fmt.Sprintf(", plus %s", r.Plus)
		}
		out += ")"
	}
	return out
}

func showFailure(b *strings.Builder, f *harness.Failure) {
	if f.Input != nil {
		title := "input " + fmt.Sprint(*f.Input)
		if f.Set != "" {
			title += " of " + f.Set
		}
		Section(b, title, f.Args)
	}
	Section(b, "expected", f.Expected)
	Section(b, "actual", f.Actual)
	if x := f.Exception; x != nil {
		text := x.Type + ": " + x.Message
		if x.Line > 0 {
			text += fmt.Sprintf("\nline %d of the program", x.Line)
		}
		Section(b, "raised", text)
		Section(b, "traceback", x.Traceback)
	}
	Section(b, "detail", f.Detail)
}

// Section writes a titled text, escaped; none where there is no text.
func Section(b *strings.Builder, title, text string) {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return
	}
	fmt.Fprintf(b, "\n-- %s\n%s\n", title, Escape(text))
}

// Numbered puts numbers before the lines of a program.
func Numbered(source string) string {
	lines := strings.Split(strings.TrimRight(source, "\n"), "\n")
	for i, line := range lines {
		lines[i] = fmt.Sprintf("%4d  %s", i+1, line)
	}
	return strings.Join(lines, "\n")
}

// Escape makes text from a candidate safe for a terminal: everything but line
// ends, tabs and what can be seen is written as an escape.
func Escape(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\n' || r == '\t' || unicode.IsGraphic(r):
			b.WriteString(s[:n])
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[n:]
	}
	return b.String()
}
