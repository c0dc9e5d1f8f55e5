// Package anthropic is the backend for Anthropic's messages. They have one
// answer a request, no seed, and no plain prompt to go on with.
//
// It imports harness/model and the package remote.
package anthropic
