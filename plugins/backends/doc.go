// Package backends opens the model backends that are built in, by name.
//
// Invariant: a key is read from the environment, is sent to the server that it
// is for, and stands in no error, no log and no identity.
//
// It imports the backends below it and harness/model.
package backends
