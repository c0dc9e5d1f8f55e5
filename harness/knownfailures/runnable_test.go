package knownfailures

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

func problems(ids ...string) *benchmarks.Suite {
	s := &benchmarks.Suite{Name: "bigcodebench", Version: "v0", SHA256: "data"}
	for _, id := range ids {
		s.Problems = append(s.Problems, &benchmarks.Problem{ID: id})
	}
	return s
}

func raised(kind, message, traceback string) *harness.Failure {
	return &harness.Failure{Exception: &runtimes.ExceptionInfo{Type: kind, Message: message, Traceback: traceback}, Detail: "in test_a"}
}

func TestTable(t *testing.T) {
	suite := problems("B/0", "B/1", "B/2")
	records := []harness.Record{
		{TaskID: "B/0", Verdict: harness.Pass},
		{TaskID: "B/1", Verdict: "exception", Failure: raised("ModuleNotFoundError", "No module named 'cv2'", "")},
		{TaskID: "B/2", Verdict: harness.WrongAnswer, Failure: raised("AssertionError", "1\n\t!= 2", "")},
	}
	made, err := Make(suite, "runtime", records)
	if err != nil {
		t.Fatal(err)
	}
	read, err := parse(made.Encode())
	if err != nil {
		t.Fatal(err)
	}
	want := &Table{Suite: "bigcodebench@v0", Data: "data", Runtime: "runtime", Passes: 1, Rows: []Row{
		{"B/1", "exception", native, "ModuleNotFoundError: No module named 'cv2'"},
		{"B/2", harness.WrongAnswer, behaviour, "AssertionError: 1 != 2"},
	}}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]bool{"B/0": true, "B/1": false}, read.Of(problems("B/0", "B/1"))); diff != "" {
		t.Errorf("of a part of the suite: %s", diff)
	}
	if d := read.Differences(made); len(d) != 0 {
		t.Errorf("differences from itself: %q", d)
	}
	other := &Table{Rows: []Row{{"B/0", "exception", Data, "x"}, {"B/2", "exception", behaviour, "y"}}}
	if d := read.Differences(other); len(d) != 3 {
		t.Errorf("differences: %q", d)
	}
}

func TestMakeRefuses(t *testing.T) {
	suite := problems("B/0", "B/1")
	for want, records := range map[string][]harness.Record{
		"1 records of 2 problems": {{TaskID: "B/0"}},
		"record 1 is of B/7":      {{TaskID: "B/0", Verdict: harness.Pass}, {TaskID: "B/7", Verdict: harness.Pass}},
		"B/0 could not be judged": {{TaskID: "B/0", Verdict: harness.InfraError}, {TaskID: "B/1"}},
	} {
		if _, err := Make(suite, "", records); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	for _, text := range []string{"a\tb", "# passes\tmany"} {
		if _, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		failure *harness.Failure
		program string
		want    Class
	}{
		{raised("ModuleNotFoundError", "No module named 'wordninja'", ""), "", noWheel},
		{raised("ModuleNotFoundError", "No module named 'tensorflow'", ""), "", native},
		{raised("OSError", "encoder jpeg not available", ""), "", native},
		{raised("OSError", "[Errno 58] wasi does not support processes.", ""), "", subprocess},
		{raised("AssertionError", "'failed' != 'done'", ""), "import os\nimport subprocess\n", subprocess},
		{raised("OSError", "[Errno 52]", "  File \".../multiprocessing/pool.py\", line 1, in x\n"), "", processes},
		{raised("URLError", "<urlopen error [Errno 8] Name or service not known>", ""), "", network},
		{raised("AssertionError", "{} != {1}", ""), "import socket\n", network},
		{raised("LookupError", "Resource \x1b[93mwords\x1b[0m not found.", ""), "", Data},
		{raised("AssertionError", "int32 != int64", ""), "", integers},
		{raised("TypeError", "Invalid value 'x' for dtype 'int64'", ""), "", behaviour},
		{raised("OverflowError", "-1 out of bounds for uint64", ""), "", behaviour},
		{raised("AssertionError", "False is not true", "    self.assertTrue(x.astype(int) > 0)\n"), "", integers},
		{raised("TurtleGraphicsError", "no display name and no $DISPLAY environment variable", ""), "", Display},
		{&harness.Failure{Detail: "in test_file_permission_issues"}, "", Files},
		{&harness.Failure{Detail: "out of fuel"}, "", behaviour},
		{nil, "", behaviour},
	} {
		if got, _ := classify(harness.Record{Failure: c.failure}, c.program); got != c.want {
			t.Errorf("%+v: %q, want %q", c.failure, got, c.want)
		}
	}
	if _, cause := classify(harness.Record{Failure: raised("E", strings.Repeat("é\n", 500), "")}, ""); len(cause) > 200 || strings.Contains(cause, "\n") {
		t.Errorf("cause %q", cause)
	}
}

// TestTableIsWhole holds the tree's table to itself: every row has a class that
// there is, and the numbers add up to the suite's.
func TestTableIsWhole(t *testing.T) {
	known := map[Class]bool{}
	for _, c := range Classes {
		known[c.Class] = true
	}
	for _, i := range benchmarks.Catalogue() {
		if i.Name != "bigcodebench" || len(i.Sums) == 0 {
			continue
		}
		table, err := For(i.Sums[len(i.Sums)-1])
		if err != nil || table == nil {
			t.Fatalf("%s has no table: %v", i.Spec(), err)
		}
		if table.Suite != i.Spec() || table.Passes+len(table.Rows) != i.Problems || len(table.Runtime) != 64 {
			t.Errorf("%s: %d pass, %d don't, runtime %q", table.Suite, table.Passes, len(table.Rows), table.Runtime)
		}
		for _, r := range table.Rows {
			if !known[r.Class] || r.Verdict == "" || r.Cause == "" {
				t.Errorf("%+v", r)
			}
		}
	}
}
