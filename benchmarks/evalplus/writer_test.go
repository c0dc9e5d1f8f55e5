package evalplus

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
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

func TestWriter(t *testing.T) {
	results := []Result{
		{TaskID: "HumanEval/0", Solution: "def f():\n\treturn \"é😀\\\x7f\"\r\n", Base: Pass, Plus: Fail, PlusFail: [][]byte{[]byte(`[[1, -Infinity], "x"]`)}},
		{TaskID: "HumanEval/0", Solution: "\xed\xa0\x80", Base: Timeout, Plus: Timeout},
		{TaskID: "HumanEval/1", Solution: "", Base: Fail, BaseFail: [][]byte{[]byte("[1]"), []byte("[2]")}},
	}
	for _, tt := range []struct {
		name    string
		compat  benchmarks.Compat
		results []Result
		passAtK PassAtK
	}{
		{"main.json", benchmarks.EvalplusMain, results, PassAtK{Base: map[int]float64{10: 1, 1: 0.1 + 0.2}, Plus: map[int]float64{1: 0}}},
		{"base-only.json", benchmarks.EvalplusMain, results[2:], PassAtK{Base: map[int]float64{1: 0.5}}},
		{"0.3.1.json", benchmarks.Evalplus031, results, PassAtK{Base: map[int]float64{1: 1}}},
		{"empty.json", benchmarks.Evalplus031, nil, PassAtK{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			w := NewWriter(&b, "d41d8cd98f00b204e9800998ecf8427e", tt.compat)
			for _, r := range tt.results {
				if err := w.Write(r); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(tt.passAtK); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, b.Bytes())
		})
	}
}

func TestWriterOrder(t *testing.T) {
	w := NewWriter(io.Discard, "", benchmarks.EvalplusMain)
	var err error
	for _, id := range []string{"a", "b", "a"} {
		err = errors.Join(err, w.Write(Result{TaskID: id}))
	}
	const want = "write evalplus's results: the samples of a do not follow each other"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// full fails every write.
type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriterFullDisk(t *testing.T) {
	w := NewWriter(full{}, "", benchmarks.EvalplusMain)
	if err := w.Close(PassAtK{}); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

func TestFileName(t *testing.T) {
	for _, tt := range []struct {
		samples string
		folder  bool
		compat  benchmarks.Compat
		want    string
	}{
		{"a/s.jsonl", false, benchmarks.EvalplusMain, "a/s.eval_results.json"},
		{"a/s.jsonl", false, benchmarks.Evalplus031, "a/s_eval_results.json"},
		{"a/s.jsonl.gz", false, benchmarks.EvalplusMain, "a/s.eval_results.json"},
		{"a/s/", true, benchmarks.EvalplusMain, "a/s/eval_results.json"},
	} {
		if got := FileName(tt.samples, tt.folder, tt.compat); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.samples, got, tt.want)
		}
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
	TaskID   string            `json:"task_id"`
	Solution string            `json:"solution"`
	Base     Status            `json:"base_status"`
	Plus     Status            `json:"plus_status"`
	BaseFail []json.RawMessage `json:"base_fail_tests"`
	PlusFail []json.RawMessage `json:"plus_fail_tests"`
}

func rewrite(t *testing.T, file []byte) []byte {
	t.Helper()
	fields := members(t, file)
	var hash string
	if err := json.Unmarshal(fields[1].Raw, &hash); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := NewWriter(&b, hash, benchmarks.Evalplus031)
	for _, task := range members(t, fields[2].Raw) {
		var samples []published
		if err := json.Unmarshal(task.Raw, &samples); err != nil {
			t.Fatal(err)
		}
		for _, s := range samples {
			r := Result{TaskID: s.TaskID, Solution: s.Solution, Base: s.Base, Plus: s.Plus}
			for _, raw := range s.BaseFail {
				r.BaseFail = append(r.BaseFail, raw)
			}
			for _, raw := range s.PlusFail {
				r.PlusFail = append(r.PlusFail, raw)
			}
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(PassAtK{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func members(t *testing.T, object []byte) []jsonl.Member {
	t.Helper()
	m, err := jsonl.Object(object)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
