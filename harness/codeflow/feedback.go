package codeflow

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/runtimes"
)

// What feedback shows at most, in bytes of text and in entries of a traceback.
const (
	shownValue   = 400
	shownEntries = 6
)

// ends says in words what a verdict means to who wrote the program.
var ends = map[harness.Verdict]string{
	harness.WrongAnswer:   "It gave a wrong answer.",
	harness.Exception:     "It raised an exception.",
	harness.SyntaxError:   "It is not valid Python.",
	harness.CompileLimit:  "It takes too much time or memory to compile.",
	harness.NoResult:      "It ended before it gave a result: a function must return, and not exit.",
	harness.ForgedResult:  "It wrote to what it must not touch.",
	harness.BadValue:      "It returned a value that is no plain Python value.",
	harness.Trap:          "It crashed the interpreter.",
	harness.OutOfFuel:     "It took too long: it computes far more than is needed, or does not end.",
	harness.StackOverflow: "Its recursion is too deep.",
	harness.OutOfMemory:   "It ran out of memory.",
	harness.OutputLimit:   "It printed too much.",
	harness.FSLimit:       "It wrote too many or too large files.",
}

// What asks for another program, in a chat and in a text to go on with.
const (
	refine = "Find the mistake and write the whole corrected program in one markdown code block."
	goOn   = "The whole corrected program:"
)

// feedback is the message about an attempt that failed, with what is wanted now.
func feedback(v harness.Verdict, entry string, f *harness.Failure, want string) string {
	var b strings.Builder
	b.WriteString("I ran the program, and it failed. " + ends[v] + "\n")
	if f != nil {
		describe(&b, entry, f)
	}
	b.WriteString("\n" + want)
	return b.String()
}

func describe(b *strings.Builder, entry string, f *harness.Failure) {
	switch {
	case f.Args != "" && entry == "": // a program that reads and prints
		fmt.Fprintf(b, "Input:\n%s\n", shorten(f.Args))
	case f.Args != "":
		fmt.Fprintf(b, "Call: %s(%s)\n", entry, shorten(f.Args))
	}
	if f.Expected != "" {
		fmt.Fprintf(b, "Expected: %s\n", shorten(f.Expected))
	}
	if f.Actual != "" {
		fmt.Fprintf(b, "Actual: %s\n", shorten(f.Actual))
	}
	if x := f.Exception; x != nil {
		b.WriteString(exceptionText(x))
	}
	if f.Detail != "" {
		fmt.Fprintf(b, "%s\n", shorten(f.Detail))
	}
}

// exceptionText is an exception as Python prints one, with the last entries of
// its traceback: where it was raised.
func exceptionText(x *runtimes.ExceptionInfo) string {
	var b strings.Builder
	if entries := splitEntries(x.Traceback); len(entries) > 0 {
		b.WriteString("Traceback (most recent call last):\n")
		if left := len(entries) - shownEntries; left > 0 {
			fmt.Fprintf(&b, "  … %d more\n", left)
			entries = entries[left:]
		}
		b.WriteString(strings.Join(entries, ""))
	}
	b.WriteString(x.Type)
	if x.Message != "" {
		b.WriteString(": " + shorten(x.Message))
	}
	if x.Traceback == "" && x.Line > 0 {
		fmt.Fprintf(&b, " (line %d)", x.Line)
	}
	return b.String() + "\n"
}

// splitEntries cuts a traceback before each of its entries.
func splitEntries(traceback string) []string {
	var out []string
	for line := range strings.Lines(traceback) {
		if strings.HasPrefix(line, "  File ") || len(out) == 0 {
			out = append(out, line)
		} else {
			out[len(out)-1] += line
		}
	}
	return out
}

// shorten cuts the middle out of a long text.
func shorten(s string) string {
	if len(s) <= shownValue {
		return s
	}
	head, tail := shownValue*2/3, len(s)-shownValue/3
	for head > 0 && !utf8.RuneStart(s[head]) {
		head--
	}
	for tail < len(s) && !utf8.RuneStart(s[tail]) {
		tail++
	}
	return fmt.Sprintf("%s … (%d bytes left out) … %s", s[:head], tail-head, s[tail:])
}

// Feedback says what a model is told about an attempt that failed.
type Feedback string

const (
	// FromBase: what went wrong on the base inputs. The plus inputs are held out.
	FromBase Feedback = "base"
	// FromAll: what went wrong on any input.
	fromAll Feedback = "all"
	// NoFeedback: nothing. Each iteration asks the first question again, which is
	// plain sampling, for a comparison.
	noFeedback Feedback = "none"
)

// parseFeedback reads what a flag says.
func parseFeedback(s string) (Feedback, error) {
	switch f := Feedback(s); f {
	case FromBase, fromAll, noFeedback:
		return f, nil
	}
	return "", fmt.Errorf("there is no feedback %q: base tells of the base inputs and holds the others out, all tells of all, none asks the same question again", s)
}

// reads is what the model reads: the task, and the last attempt with what became
// of it.
func (l *loop) reads(last *Step) model.Request {
	r := l.opening
	switch {
	case last == nil:
	case len(r.Messages) == 0:
		r.Prompt = document(last) + r.Prompt
	default:
		r.Messages = append(r.Messages[:len(r.Messages):len(r.Messages)],
			model.Message{Role: model.Assistant, Content: last.Answer},
			model.Message{Role: model.User, Content: last.Feedback})
	}
	return r
}

// document is how a file would go on that has the last attempt in it, up to where
// the next one begins: what a model reads that only goes on with a text.
func document(last *Step) string {
	var b strings.Builder
	b.WriteString(strings.TrimRight(last.Program, "\n") + "\n\n")
	for line := range strings.Lines(last.Feedback) {
		b.WriteString(strings.TrimRight("# "+strings.TrimRight(line, "\r\n"), " ") + "\n")
	}
	return b.String() + "\n"
}
