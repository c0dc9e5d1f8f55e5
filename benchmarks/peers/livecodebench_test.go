package peers

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/benchmarks"
)

// lcbRecords are the ends that a sample can come to, with what lcb_runner's form
// says of them.
var lcbRecords = []struct {
	what     string
	oracle   benchmarks.Oracle
	sample   Sample
	result   string
	metadata string
}{
	{"a pass", "stdio", Sample{Verdict: Pass, Fuel: 5, Tests: 3}, `[true,true,true]`, `{"fuel":5,"verdict":"pass"}`},
	{"output", "stdio", failedAt(1, WrongAnswer, Failure{Args: "<1>", Expected: "2", Actual: "3", Detail: "line 1 differs"}), `[true,-2]`,
		`{"fuel":5,"verdict":"wrong_answer","error":"line 1 differs","output":"3","inputs":"<1>","expected":"2","error_code":-2,"error_message":"Wrong Answer"}`},
	{"a value", "cases", failedAt(0, WrongAnswer, Failure{}), `[false]`, `{"fuel":5,"verdict":"wrong_answer","error_code":-2,"error_message":"Wrong Answer"}`},
	{"fuel", "stdio", failedAt(2, OutOfFuel, Failure{}), `[true,true,-3]`, `{"fuel":5,"verdict":"out_of_fuel","error_code":-3,"error_message":"Time Limit Exceeded"}`},
	{"an exception", "cases", failedAt(0, "exception", Failure{Exception: &Exception{Type: "ValueError", Message: "it's"}}), `[-4]`,
		`{"fuel":5,"verdict":"exception","error":"ValueError(\"it's\")","error_code":-4,"error_message":"Runtime Error"}`},
	{"a fault of ours", "stdio", Sample{Verdict: InfraError, Failure: &Failure{Detail: "no room"}}, `[-2]`,
		`{"fuel":0,"verdict":"infra_error","error":"no room","error_code":-5,"error_message":"TestRunnerError"}`},
}

func failedAt(input int, v Verdict, f Failure) Sample {
	f.Input = &input
	return Sample{Verdict: v, Fuel: 5, Tests: 3, Failure: &f}
}

func TestLCBRecords(t *testing.T) {
	for _, c := range lcbRecords {
		result, err := json.Marshal(lcbResult(&benchmarks.Problem{Oracle: c.oracle}, &c.sample))
		if err != nil || string(result) != c.result {
			t.Errorf("%s: %s, want %s", c.what, result, c.result)
		}
		var got, want any
		if err := json.Unmarshal([]byte(lcbMetadata(&c.sample)), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.metadata), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}
