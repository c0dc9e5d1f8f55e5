// Package runtimev1 is the protocol of language runtimes, version 1, as protoc makes
// it of runtime.proto; make proto makes it anew.
//
// It imports gRPC and protocol buffers.
package runtimev1
