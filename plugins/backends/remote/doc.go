// Package remote is what backends over HTTP share: a client that bounds what it
// reads, the address of a server, and the meaning of its failures.
//
// Invariant: a failure is an *model.Error that names the way out and has no key
// in it.
//
// It imports harness/model and plugins/redact.
package remote
