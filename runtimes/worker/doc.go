// Package worker runs jobs of every language, in processes of its own behind walls:
// one warm process for Python, with as many programs at once as were asked for,
// and one for each module. A program whose language is compiled becomes a module
// first, by its toolchain.
//
// The border is the job: sources and inputs go in, results and outcomes come
// out. Expected values, verdicts, the log and every file stay with the parent.
//
// Invariants: outcomes are those of the guests run directly, byte for byte; the
// end of a process is a fault of ours for what was running and for nothing else;
// what it says is bounded before it is read and checked before it is used, so
// that a process that is not itself any more can fail its programs and no more.
//
// The way of a job: Worker.Run (worker.go) finds its place and runs it again
// after a fault, process.Run (process.go) sends it, Serve (serve.go) receives
// it in the child, and the guests there (guests.go) run it.
//
// It may import the languages that are built in, the sandbox and confine.
package worker
