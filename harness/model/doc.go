// Package model says what a model backend is: something that answers requests.
//
// The messages are plain data, field by field what a protocol buffer has, so
// that a backend may as well be another process. A backend answers one request
// or says of which kind its failure is; when to try again, how many at once and
// what is kept is the business of a Client.
//
// Invariant: two equal requests mean the same question; nothing in a message
// depends on the time, the machine or the backend.
//
// It imports internal/appendlog.
//
// # Client
//
// It sends requests to a model backend: how many at once, when
// again, and what was answered before.
//
// A Client is itself a backend, with a memory. Every answer is appended to a
// log before anybody sees it, and a request whose answer is in the log is not
// sent: the log is the cache, and an interrupted run goes on where it was.
//
// Invariant: what a request is answered depends on the log and the backend
// alone, never on the order or the number of requests under way; a sample that
// was answered is never asked for again, and none is answered twice.
package model
