package codeflow

import (
	"strings"

	"github.com/assay-dev/assay/harness/model"
)

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
