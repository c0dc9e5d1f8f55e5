// Package proto holds the proto files, which are the authority on what host and
// plugin say to each other, and what protoc makes of them, a package for each
// kind and major version.
//
// Invariant: what is committed is what protoc makes of the proto files.
//
// It imports nothing; the packages below import gRPC and protocol buffers.
package proto
