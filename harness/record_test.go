package harness_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes"
)

// TestBounded: whatever texts a program has, its record is short, and says what
// was cut; of an ordinary one nothing changes.
func TestBounded(t *testing.T) {
	in := 3
	failure := func(text string) *harness.Failure {
		return &harness.Failure{Set: "base", Input: &in, Args: text, Expected: text, Actual: text, Detail: text,
			Exception: &runtimes.ExceptionInfo{Type: text, Message: text, Line: 1, Traceback: text}}
	}
	record := func(text string, tests int) harness.Record {
		r := harness.Record{Version: 1, TaskID: "T/1", Verdict: harness.Exception, Oracle: "unittest", Candidate: strings.Repeat("0", 64), Identity: strings.Repeat("1", 64),
			Failure: failure(text), PlusFailure: failure(text)}
		for i := range tests {
			one := runtimes.TestResult{Name: fmt.Sprint(i, text), Outcome: runtimes.TestPass}
			if i%3 == 0 {
				one.Outcome, one.Exception = runtimes.TestError, failure(text).Exception
			}
			r.Tests = append(r.Tests, one)
		}
		return r
	}
	if usual := record("a 'b' — c", 12); !reflect.DeepEqual(usual.Bounded(), usual) {
		t.Errorf("an ordinary record became %+v", usual.Bounded())
	}
	for _, text := range []string{"", "x", `"`, "\\", "\n", "\x00", "\xff", "\u2028", "\u202e", "<", "漢", "\U0001f600"} {
		for _, n := range []int{1, 300, 5000, 100_000} {
			for _, tests := range []int{0, 1, runtimes.MaxTests} {
				if n*tests > 5_000_000 {
					continue
				}
				was := record(strings.Repeat(text, n), tests)
				before, err := json.Marshal(was.Failure)
				if err != nil {
					t.Fatal(err)
				}
				got := was.Bounded()
				line, err := jsonl.Marshal(got)
				if err != nil || len(line) > harness.MostRecord {
					t.Fatalf("%d × %q, %d tests: %d bytes, %v", n, text, tests, len(line), err)
				}
				if again := got.Bounded(); !reflect.DeepEqual(again, got) {
					t.Errorf("%d × %q, %d tests: it was cut twice", n, text, tests)
				}
				if len(got.Tests)+got.TestsLeft != tests {
					t.Errorf("%d × %q: %d tests and %d left out of %d", n, text, len(got.Tests), got.TestsLeft, tests)
				}
				if after, _ := json.Marshal(was.Failure); string(after) != string(before) {
					t.Error("the record that others hold was changed")
				}
				if len(text)*n >= 100_000 && !strings.Contains(got.Failure.Actual, " more bytes)") {
					t.Errorf("nothing says that %q was cut", got.Failure.Actual)
				}
			}
		}
	}
}
