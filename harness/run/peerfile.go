package run

import (
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/benchmarks"
)

// peerFile is a run's verdicts in the form of another harness.
type peerFile struct {
	name   string
	wanted func(Config) bool
	make   func(Config, *Summary) ([]byte, error)
}

// peerFiles are all that there are.
var peerFiles = []peerFile{
	{evalplusName, func(Config) bool { return true }, evalplusResults},
	{"evaluation_results.json", isFrom(benchmarks.BigCode), bigCodeResults},
	{"results_lm_eval.json", isFrom(benchmarks.LMEval), lmEvalResults},
	{"codegeneration_output.json", isLCB, lcbOutput},
	{"codegeneration_output_eval.json", isLCB, lcbEval},
	{"codegeneration_output_eval_all.json", isLCB, lcbEvalAll},
	{"bigcodebench_eval_results.json", isBCB, bcbResults},
	{"bigcodebench_pass_at_k.json", isBCB, bcbPassAtK},
}

func isFrom(harness string) func(Config) bool {
	return func(c Config) bool { return c.Peer != nil && c.Peer.Harness == harness }
}

func isLCB(c Config) bool { return c.Plan.suite.Name == benchmarks.LiveCodeBench }

func isBCB(c Config) bool { return c.BigCodeBench != nil }

// Files names what a run left in a folder for people and other programs to read.
func Files(dir string) []string {
	names := []string{ResultsName, summaryName}
	for _, f := range peerFiles {
		if _, err := os.Stat(filepath.Join(dir, f.name)); err == nil {
			names = append(names, f.name)
		}
	}
	return names
}
