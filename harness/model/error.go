package model

import (
	"fmt"
	"time"
)

// Kind says what can be done about a failure.
type Kind string

const (
	// Busy: the server wants fewer requests. Later, and slower.
	Busy Kind = "busy"
	// Broken: no answer, or half of one. Again.
	Broken Kind = "broken"
	// Slow: no answer in time. Again, with fewer at once.
	Slow Kind = "slow"
	// Unreachable: nobody is there. Again, if somebody ever was.
	Unreachable Kind = "unreachable"
	// Refused: this request won't be answered, however often it is sent.
	Refused Kind = "refused"
	// Unusable: no request will be answered, for want of a key or a model.
	Unusable Kind = "unusable"
)

// Error is why a backend has no answer. Its text has no secrets in it.
type Error struct {
	Kind       Kind
	Message    string        // what happened, and the way out
	RetryAfter time.Duration // what the server asks for; 0: nothing
}

func (e *Error) Error() string { return e.Message }

// Errorf makes an Error.
func Errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}
