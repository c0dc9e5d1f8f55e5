// Package wire is what the host and a plugin agree on: the handshake, the bounds
// of messages, and how a kind's Go interface and its protocol become each other.
//
// Invariant: what comes over the wire is checked before anybody uses it; a
// request that comes out is the request that went in.
//
// It imports what the kinds are to Go (packages model, trainer and language) and
// the generated packages below proto.
package wire
