package run

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
)

func TestEvalplusResults(t *testing.T) {
	cfg, _ := config(t, 3, 2)
	for _, p := range cfg.suite.Problems {
		set, err := benchmarks.NewInputSet("plus", []byte(`[[0],[1],[2],["<3>"]]`))
		if err != nil {
			t.Fatal(err)
		}
		p.Sets = []benchmarks.InputSet{set}
	}
	mustRun(t, cfg)
	var file struct {
		Eval map[string][]struct {
			Solution   string
			BaseStatus *string `json:"base_status"`
			PlusStatus *string `json:"plus_status"`
			PlusFail   []any   `json:"plus_fail_tests"`
		}
		PassAtK map[string]map[string]float64 `json:"pass_at_k"`
	}
	if err := json.Unmarshal([]byte(read(t, cfg.Dir, evalplusName)), &file); err != nil {
		t.Fatal(err)
	}
	wrong := file.Eval["T/1"][1]
	if *wrong.BaseStatus != "pass" || *wrong.PlusStatus != "fail" || wrong.Solution != "wrong_answer 1 1" || len(wrong.PlusFail) != 1 {
		t.Errorf("a wrong answer to plus: %+v", wrong)
	}
	if got := file.PassAtK["base"]["pass@1"]; got != 1 {
		t.Errorf("pass@1 of base %v, want 1", got)
	}
}

// A sample that fails both input sets shows an input of each.
func TestEvalplusFailsTwice(t *testing.T) {
	var sets []benchmarks.InputSet
	for _, name := range []string{baseSet, plusSet} {
		set, err := benchmarks.NewInputSet(name, []byte(`[["`+name+` 0"],["`+name+` 1"]]`))
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, set)
	}
	first, second := 0, 1
	it := &item{record: harness.Record{
		Base: harness.WrongAnswer, Failure: &harness.Failure{Set: baseSet, Input: &second},
		Plus: harness.Exception, PlusFailure: &harness.Failure{Set: plusSet, Input: &first},
	}}
	r, err := evalplusResult(&benchmarks.Problem{Sets: sets}, it)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%s %s", r.BaseFail, r.PlusFail); got != `[["base 1"]] [["plus 0"]]` {
		t.Errorf("failing inputs %s", got)
	}
}

func TestEvalplusStatus(t *testing.T) {
	for verdict, want := range map[harness.Verdict]string{
		harness.Pass: "pass", harness.OutOfFuel: "fail", harness.SyntaxError: "fail", harness.NoResult: "timeout", harness.InfraError: "", "": "",
	} {
		if got := status(verdict); string(got) != want {
			t.Errorf("status(%q) = %q, want %q", verdict, got, want)
		}
	}
}
