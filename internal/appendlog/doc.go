// Package appendlog is a file that is only ever appended to: a line for each
// record, {"sum":"<xxh3>","data":<json>}.
//
// Invariant: a record that was appended survives the death of the process; a
// line that was cut off or damaged is known as such and is never taken for a
// record.
//
// It imports internal/atomicfile.
package appendlog
