package evalplus

import (
	"strings"

	"github.com/assay-dev/assay/benchmarks"
)

// Status is evalplus's word on a sample and a set of inputs.
type Status string

const (
	Pass    Status = "pass"
	Fail    Status = "fail"
	Timeout Status = "timeout"
	None    Status = "" // the set was not run: null in the file
)

// Result is what the file says of one sample.
type Result struct {
	TaskID     string
	Solution   string
	Base, Plus Status
	// The inputs that failed, as JSON: see benchmarks.InputSet.JSON.
	BaseFail, PlusFail [][]byte
}

// PassAtK is pass@k in percent of one, by k. A nil Plus: that set was not run.
type PassAtK struct{ Base, Plus map[int]float64 }

// Date stands where evalplus has the time of the run: results are equal however
// they came about, and so are their bytes.
const Date = "1970-01-01 00:00"

// FileName gives the name that evalplus gives the results of samples, which are
// a file of JSON lines or a folder.
func FileName(samples string, folder bool, c benchmarks.Compat) string {
	if folder {
		return strings.TrimSuffix(samples, "/") + "/eval_results.json"
	}
	stem := strings.TrimSuffix(strings.TrimSuffix(samples, ".gz"), ".jsonl")
	if c == benchmarks.Evalplus031 {
		return stem + "_eval_results.json"
	}
	return stem + ".eval_results.json"
}
