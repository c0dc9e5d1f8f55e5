package model

import "context"

// Backend answers requests. It is safe for concurrent use.
type Backend interface {
	// Identity names what answers: the kind of backend and the address, without
	// secrets. Answers of one identity are never taken for another's.
	Identity() string
	// Complete answers with at least one and at most r.N texts, or with an
	// *Error. It sends at most one request, and returns soon after ctx ends.
	Complete(ctx context.Context, r Request) (Answer, error)
}
