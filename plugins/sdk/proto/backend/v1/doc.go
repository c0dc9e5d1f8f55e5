// Package backendv1 is the protocol of model backends, version 1, as protoc makes
// it of backend.proto; make proto makes it anew.
//
// It imports gRPC and protocol buffers.
package backendv1
