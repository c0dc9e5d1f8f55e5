// Package model says what a model backend is: something that answers requests.
//
// The messages are plain data, field by field what the protocol has, so a backend
// may as well be another process. A backend answers one request or says of which
// kind its failure is. When to try again, how many requests are sent at once and
// what is kept is not its business.
//
// Invariant: two equal requests mean the same question; nothing in a message
// depends on the time, the machine or the backend.
//
// It imports only the standard library.
package model

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// Backend answers requests. It is safe for concurrent use.
type Backend interface {
	// Identity names what answers: the kind of backend and the address, without
	// secrets. Answers of one identity are never taken for another's.
	Identity() string
	// Complete answers with at least one and at most r.N texts, or with an
	// *Error. It sends at most one request, and returns soon after ctx ends.
	Complete(ctx context.Context, r Request) (Answer, error)
}

// Message is one turn of a chat.
type Message struct {
	Role    Role   `json:"role"`
	Content string `json:"content"`
}

// Role is who says a message.
type Role string

const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
)

// Request asks for the samples Index to Index+N-1 of a task.
type Request struct {
	Task  string `json:"task"`  // what it is asked for, "HumanEval/0"; a model does not see it
	Index int    `json:"index"` // the first sample's, from 0; a model does not see it
	N     int    `json:"n"`     // answers wanted, 1 or more

	Model    string    `json:"model"`
	Messages []Message `json:"messages,omitempty"` // a chat; or
	Prompt   string    `json:"prompt,omitempty"`   // a text to go on with

	Temperature float64  `json:"temperature"`
	TopP        float64  `json:"top_p,omitempty"`      // 0: the server's default
	MaxTokens   int      `json:"max_tokens,omitempty"` // of one answer; 0: the server's default
	Stop        []string `json:"stop,omitempty"`       // texts that end an answer, and are not part of it
	Seed        *int64   `json:"seed,omitempty"`       // of sample 0; sample i is asked for with seed + i
}

// Only is the request for n samples from index on.
func (r Request) Only(index, n int) Request {
	r.Index, r.N = index, n
	return r
}

// SeedOf is the seed to send: that of the request's first sample.
func (r Request) SeedOf() *int64 {
	if r.Seed == nil {
		return nil
	}
	seed := *r.Seed + int64(r.Index)
	return &seed
}

// Key stands for the question: a hash over everything that a request for its
// first sample alone says.
func (r Request) Key() [sha256.Size]byte {
	text, err := json.Marshal(r.Only(r.Index, 1))
	if err != nil {
		panic(err) // only a temperature that is no number has no JSON
	}
	return sha256.Sum256(text)
}

// Answer is what a request got.
type Answer struct {
	Texts []Text `json:"texts"`
	Usage Usage  `json:"usage"`
}

// Text is one sample.
type Text struct {
	Text   string `json:"text"`
	Finish Finish `json:"finish"`
}

// Finish is why a text ended.
type Finish string

const (
	Stop   Finish = "stop"   // the model was done, or came to a stop text
	Length Finish = "length" // MaxTokens was used up
	Other  Finish = "other"  // something else, a filter for instance
)

// Usage is what an answer took, where the server says so.
type Usage struct {
	PromptTokens     int64   `json:"prompt_tokens,omitempty"`
	CompletionTokens int64   `json:"completion_tokens,omitempty"`
	Cost             float64 `json:"cost,omitempty"` // dollars, as the server counts
}

// Add counts more.
func (u *Usage) Add(more Usage) {
	u.PromptTokens += more.PromptTokens
	u.CompletionTokens += more.CompletionTokens
	u.Cost += more.Cost
}

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
