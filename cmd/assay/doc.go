// Command assay judges programs that nobody trusts: the same bytes in, the
// same verdict out.
//
// One file for each sub-command; each parses its flags, wires the rooms
// together and prints. What several of them share is in main.go, exit.go,
// flags.go, ask.go (models), bench.go (judges), display.go and print.go. What
// they do is in harness/run, harness/judge, benchmarks and runtimes.
//
// Invariant: what a script may depend on goes to stdout and the exit code;
// progress, notices and errors go to stderr. Exit codes: 0 all went well, 1 a
// fault of the input or of ours (or a score below --fail-under), 2 wrong
// usage, 130 interrupted. run passes on the program's own instead.
package main
