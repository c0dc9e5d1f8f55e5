// Package replay is the backend that answers from a file: from the request log
// of an earlier run, by the whole request, or from rows of samples, by task and
// index. So a whole run repeats without a model.
//
// Invariant: what the file does not have is refused, and never made up.
//
// It imports harness/model, internal/appendlog and internal/jsonl.
package replay
