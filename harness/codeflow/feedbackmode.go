package codeflow

import "fmt"

// Feedback says what a model is told about an attempt that failed.
type Feedback string

const (
	// FromBase: what went wrong on the base inputs. The plus inputs are held out.
	FromBase Feedback = "base"
	// FromAll: what went wrong on any input.
	FromAll Feedback = "all"
	// NoFeedback: nothing. Each iteration asks the first question again, which is
	// plain sampling, for a comparison.
	NoFeedback Feedback = "none"
)

// ParseFeedback reads what a flag says.
func ParseFeedback(s string) (Feedback, error) {
	switch f := Feedback(s); f {
	case FromBase, FromAll, NoFeedback:
		return f, nil
	}
	return "", fmt.Errorf("there is no feedback %q: base tells of the base inputs and holds the others out, all tells of all, none asks the same question again", s)
}
