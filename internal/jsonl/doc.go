// Package jsonl reads files of JSON lines that may come from anywhere (plain or
// gzipped, with lines of any length) and writes lines as all files of assay have
// them.
//
// Its invariant: no byte is held beyond the bounds that the caller gives, and
// every error names the file and the line. Values are split, not parsed: a
// member of an object stays as it was written, because Python's JSON (integers
// of any size, Infinity, NaN) is more than encoding/json reads.
//
// It imports internal/excerpt.
package jsonl
