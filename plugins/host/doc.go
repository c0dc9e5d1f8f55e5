// Package host runs plugins: it starts the process, speaks to it over gRPC with
// certificates that only the two have, watches its health, starts it again, and
// ends it.
//
// Invariant: whatever a plugin does or leaves undone is an error that names it
// and the way out, within a bounded time and in bounded memory. A plugin sees of
// the host's environment what it was granted, and nothing that it was granted is
// in a message or a log.
//
// It imports the SDK, for what the kinds are to Go and on the wire,
// runtimes/confine and internal.
package host
