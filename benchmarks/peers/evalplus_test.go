package peers

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/testkit"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

func TestEvalplusResults(t *testing.T) {
	zero := &benchmarks.Problem{ID: "HumanEval/0", Sets: sets(t, "plus", `[[[1, -Infinity], "x"]]`)}
	one := &benchmarks.Problem{ID: "HumanEval/1", Sets: sets(t, "base", `[[1]]`)}
	first := 0
	tasks := []Task{
		{zero, []*Sample{
			{Solution: "def f():\n\treturn \"é😀\\\x7f\"\r\n", Base: Pass, Plus: WrongAnswer, Failure: &Failure{Set: "plus", Input: &first}},
			{Solution: "\xed\xa0\x80", Base: NoResult, Plus: Trap},
		}},
		{one, []*Sample{{Verdict: "exception", Failure: &Failure{Set: "base", Input: &first}}}},
	}
	for _, tt := range []struct {
		name    string
		compat  benchmarks.Compat
		tasks   []Task
		passAtK map[string]map[int]float64
	}{
		{"main.json", benchmarks.EvalplusMain, tasks, map[string]map[int]float64{"base": {10: 1, 1: 0.1 + 0.2}, "plus": {1: 0}}},
		{"base-only.json", benchmarks.EvalplusMain, tasks[1:], map[string]map[int]float64{"base": {1: 0.5}}},
		{"0.3.1.json", benchmarks.Evalplus031, tasks, map[string]map[int]float64{"base": {1: 1}}},
		{"empty.json", benchmarks.Evalplus031, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got bytes.Buffer
			err := evalplusResults(&Run{
				Suite: &benchmarks.Suite{MD5: "d41d8cd98f00b204e9800998ecf8427e"}, Compat: tt.compat, Tasks: tt.tasks, PassAtK: tt.passAtK,
			}, &got)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, bytes.TrimSuffix(got.Bytes(), []byte("\n")))
		})
	}
}

// sets is one set of inputs.
func sets(t *testing.T, name, inputs string) []benchmarks.InputSet {
	t.Helper()
	set, err := benchmarks.NewInputSet(name, []byte(inputs))
	if err != nil {
		t.Fatal(err)
	}
	return []benchmarks.InputSet{set}
}

// A sample that fails both input sets shows an input of each.
func TestEvalplusFailsTwice(t *testing.T) {
	p := &benchmarks.Problem{Sets: append(sets(t, "base", `[["base 0"],["base 1"]]`), sets(t, "plus", `[["plus 0"],["plus 1"]]`)...)}
	first, second := 0, 1
	row, err := evalplusRow(p, &Sample{
		Base: WrongAnswer, Failure: &Failure{Set: "base", Input: &second},
		Plus: "exception", PlusFailure: &Failure{Set: "plus", Input: &first},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(appendList(nil, append(row.baseFail, row.plusFail...))); got != `[["base 1"], ["plus 0"]]` {
		t.Errorf("as a list %s", got)
	}
	if got := fmt.Sprintf("%s %s", row.baseFail, row.plusFail); got != `[["base 1"]] [["plus 0"]]` {
		t.Errorf("failing inputs %s", got)
	}
}

func TestEvalplusStatus(t *testing.T) {
	for verdict, want := range map[Verdict]status{
		Pass: "pass", OutOfFuel: "fail", "syntax_error": "fail", NoResult: "timeout", InfraError: "", "": "",
	} {
		if got := statusOf(verdict); got != want {
			t.Errorf("statusOf(%q) = %q, want %q", verdict, got, want)
		}
	}
}

// What the visitor can't take ends the making of files.
func TestRenderStops(t *testing.T) {
	full, visits := errors.New("the disk is full"), 0
	err := Render(&Run{Suite: &benchmarks.Suite{}, BigCodeBench: &BigCodeBench{}}, func(string, Writing) error {
		visits++
		return full
	})
	if !errors.Is(err, full) || visits != 1 {
		t.Errorf("%v after %d files", err, visits)
	}
}

// TestRewrite reads result files that evalplus wrote and writes them again: the
// same bytes, but for the date.
func TestRewrite(t *testing.T) {
	for _, name := range []string{"humaneval", "mbpp"} {
		t.Run(name, func(t *testing.T) {
			want := testkit.Unpack(t, filepath.Join(testkit.Samples(t, name), "generated_eval_results.json.gz"))
			got := rewrite(t, want)
			const head = len(`{"date": "2024-09-24 21:14"`)
			if !bytes.Equal(got[head:], want[head:]) {
				t.Errorf("%d bytes became %d", len(want), len(got))
			}
		})
	}
}

// published is a sample as evalplus writes it; the order of its fields is the
// writer's matter.
type published struct {
	Solution string            `json:"solution"`
	Base     status            `json:"base_status"`
	Plus     status            `json:"plus_status"`
	BaseFail []json.RawMessage `json:"base_fail_tests"`
	PlusFail []json.RawMessage `json:"plus_fail_tests"`
}

// verdicts are some that evalplus's words stand for.
var verdicts = map[status]Verdict{"": InfraError, "pass": Pass, "fail": WrongAnswer, "timeout": NoResult}

func rewrite(t *testing.T, file []byte) []byte {
	t.Helper()
	fields := members(t, file)
	r := &Run{Suite: &benchmarks.Suite{}, Compat: benchmarks.Evalplus031}
	if err := json.Unmarshal(fields[1].Raw, &r.Suite.MD5); err != nil {
		t.Fatal(err)
	}
	for _, task := range members(t, fields[2].Raw) {
		var samples []published
		if err := json.Unmarshal(task.Raw, &samples); err != nil {
			t.Fatal(err)
		}
		p := &benchmarks.Problem{ID: task.Key}
		out := Task{Problem: p}
		for _, s := range samples {
			row := &Sample{Solution: s.Solution, Base: verdicts[s.Base], Plus: verdicts[s.Plus]}
			row.Failure, row.PlusFailure = failed(t, p, "base", s.BaseFail), failed(t, p, "plus", s.PlusFail)
			out.Samples = append(out.Samples, row)
		}
		r.Tasks = append(r.Tasks, out)
	}
	var out bytes.Buffer
	if err := evalplusResults(r, &out); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// failed gives the problem a set of the inputs that failed, and the failure with
// the first.
func failed(t *testing.T, p *benchmarks.Problem, set string, inputs []json.RawMessage) *Failure {
	t.Helper()
	if len(inputs) == 0 {
		return nil
	}
	if len(inputs) > 1 {
		t.Fatalf("%s: %d failing inputs", p.ID, len(inputs))
	}
	p.Sets = append(p.Sets, sets(t, set, "["+string(inputs[0])+"]")...)
	first := 0
	return &Failure{Set: set, Input: &first}
}

func members(t *testing.T, object []byte) []jsonl.Member {
	t.Helper()
	m, err := jsonl.Object(object)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
