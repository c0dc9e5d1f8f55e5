// Package model asks models.
//
// A Backend answers one request, or says of which kind its failure is: a server, a
// program, a plugin. A Client decides how many requests are under way at once and
// when one is sent again, and it remembers. Every answer is appended to a log
// before anybody sees it, and a request whose answer is in the log is not sent: the
// log is the cache, and an interrupted run goes on where it was.
//
// Invariant: what a request is answered depends on the log and the backend alone,
// never on the order or the number of requests under way; a sample that was
// answered is never asked for again, and none is answered twice.
//
// It imports plugins/sdk/model, where backends and their messages are defined, and
// internal/appendlog.
package model
