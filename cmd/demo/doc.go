// Command demo goes the whole circle with a model that is made on the spot: it
// learns a small language of tasks from a corpus that is mostly wrong, writes
// programs that the sandbox judges, its attempts become preference pairs, and
// Target-RPO trains on them. The pass rate by execution on tasks that it never saw
// is shown before and after.
//
// Each step is a command of assay, and is printed. Nothing is fetched but the
// Python runtime, once.
package main
