// Package dispatch sends requests to a model backend: how many at once, when
// again, and what was answered before.
//
// A Client is itself a backend, with a memory. Every answer is appended to a
// log before anybody sees it, and a request whose answer is in the log is not
// sent: the log is the cache, and an interrupted run goes on where it was.
//
// Invariant: what a request is answered depends on the log and the backend
// alone, never on the order or the number of requests under way; a sample that
// was answered is never asked for again, and none is answered twice.
//
// It imports harness/model and internal/appendlog.
package dispatch
