package judge

import "assay/benchmarks"

// neverRecorded says whether evalplus 0.3.1 counts every sample of the problem
// as failed, right or wrong: it leaves the loop over the inputs of find_zero
// before it notes the result.
func neverRecorded(c benchmarks.Compat, rule benchmarks.Rule) bool {
	return c == benchmarks.Evalplus031 && rule.Special == "find_zero"
}

const neverRecordedDetail = "every answer was right, but evalplus 0.3.1 never records one to find_zero, so that it fails every sample"
