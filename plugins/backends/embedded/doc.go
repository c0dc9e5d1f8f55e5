// Package embedded is the backend for small models that the embedded trainer
// made: they write in this process.
//
// Invariant: the same model and request give the same texts, alone or among
// others; a text that the model can't go on with is refused, and never cut.
//
// It imports harness/model and trainer/embedded/generate.
package embedded
