// Package trainerv1 is the protocol of trainers, version 1, as protoc makes
// it of trainer.proto; make proto makes it anew.
//
// It imports gRPC and protocol buffers.
package trainerv1
