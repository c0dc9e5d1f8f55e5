// Package redact takes secrets out of texts that others wrote, before they get
// into a message or a log.
//
// Invariant: what it returns is one line of valid UTF-8 within its bound, and
// holds no secret that it was told of.
//
// It imports nothing of assay.
package redact
