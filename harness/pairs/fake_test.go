package pairs

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/python/pythontest"
)

// trees stands in for the guest: trees are equal where equal says so.
func trees(equal func(a, b string) value.Value) pythontest.Func {
	return func(pair value.Tuple) (value.Value, runtimes.Kind) {
		return equal(string(pair[0].(value.Str)), string(pair[1].(value.Str))), runtimes.OK
	}
}

// never is a guest for which all trees differ; bare compares what is no blank.
var (
	never = trees(func(string, string) value.Value { return value.Bool(false) })
	bare  = trees(func(a, b string) value.Value {
		return value.Bool(strings.Join(strings.Fields(a), "") == strings.Join(strings.Fields(b), ""))
	})
)

// way is a trace of these programs, of which the last one passed.
func way(id string, programs ...string) codeflow.Trace {
	t := codeflow.Trace{Version: codeflow.TraceVersion, TaskID: id, Source: "tasks", Prompt: "Write " + id + ".", Outcome: codeflow.Passed}
	for i, p := range programs {
		s := codeflow.Step{Iteration: i, Chosen: true, Program: p, Verdict: harness.WrongAnswer}
		if i == len(programs)-1 {
			s.Verdict = harness.Pass
		}
		t.Steps = append(t.Steps, s)
	}
	return t
}

func writeTraces(t *testing.T, traces ...codeflow.Trace) string {
	t.Helper()
	dir := t.TempDir()
	var text []byte
	for _, one := range traces {
		line, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		text = append(append(text, line...), '\n')
	}
	if err := os.WriteFile(filepath.Join(dir, codeflow.TracesName), text, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// configFor is what the command would run with, in a folder of its own.
func configFor(t *testing.T, dir string) Config {
	t.Helper()
	return Config{
		Options: Options{Format: Text, Pick: Random, MaxLines: 20, MaxTokens: 2048},
		Dir:     dir, Out: filepath.Join(t.TempDir(), "data", "pairs.jsonl"), Assay: "test",
		Tokens: tokenizer.DefaultBytes, Runtime: never, Workers: 2,
	}
}

// made makes the pairs of traces.
func made(t *testing.T, c Config) *Card {
	t.Helper()
	card, err := Make(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// manyTraces are of programs that models might write: with comments, blanks,
// wrong lines, long stretches, syntax errors and near-duplicates.
func manyTraces(n int) []codeflow.Trace {
	dice := rand.New(rand.NewPCG(3, 5))
	var out []codeflow.Trace
	for i := range n {
		right := program(dice, i)
		versions := []string{right}
		for range dice.IntN(4) {
			versions = append([]string{spoilt(dice, versions[0])}, versions...)
		}
		if i%17 == 3 && len(out) > 0 { // near what another trace has
			versions = []string{out[len(out)-1].Steps[0].Program, out[len(out)-1].Last().Program + "# again\n"}
		}
		t := way(fmt.Sprintf("T/%d", i), versions...)
		switch i % 23 {
		case 1:
			t.Outcome, t.Reason = codeflow.Dropped, codeflow.NeverPassed
		case 2:
			t.Last().HeldOut = harness.WrongAnswer
		case 4:
			t.Last().HeldOut = harness.Pass
			t.Steps = append(t.Steps, codeflow.Step{Iteration: t.Last().Iteration, Candidate: 1, Program: "x = 1\n", Verdict: harness.Exception})
		case 5:
			t.Steps[0].Program = ""
			if len(t.Steps) == 1 {
				t.Steps[0].Program = right
			}
		case 6:
			t.Steps[0].Verdict = harness.InfraError
		}
		out = append(out, t)
	}
	return out
}

func program(dice *rand.Rand, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "import math\n\ndef solve_%d(numbers, limit):\n    \"\"\"Task %d, ```fenced``` now and then.\"\"\"\n    total_%d = %d\n", n, n, n, dice.IntN(1000))
	for k := range 2 + dice.IntN(30) {
		fmt.Fprintf(&b, "    value_%d = numbers[%d] * %d + total_%d  # step %d\n", dice.IntN(10000), k, dice.IntN(1000), n, k)
	}
	if dice.IntN(12) == 0 {
		fmt.Fprintf(&b, "    text = %q\n", strings.Repeat("long ", 1400))
	}
	fmt.Fprintf(&b, "    return total_%d + limit\n", n)
	return b.String()
}

// spoilt is a version from before.
func spoilt(dice *rand.Rand, program string) string {
	lines := strings.SplitAfter(program, "\n")
	at := 5 + dice.IntN(len(lines)-6)
	switch dice.IntN(9) {
	case 0: // a comment
		lines[at] = "    # a note\n" + lines[at]
	case 1: // a comment and a blank line
		lines[at] = "\n    # two notes\n" + lines[at]
	case 2: // blanks only
		lines[at] = strings.Replace(lines[at], " = ", "  =  ", 1)
	case 3: // a long wrong stretch
		lines[at] = strings.Repeat("    limit = limit - 1\n", 18+dice.IntN(6)) + lines[at]
	case 4: // it only lacks a line
		lines = append(lines[:at:at], lines[at+1:]...)
	case 5: // it doesn't parse
		lines[at] = "    if limit\n" + lines[at]
	case 6: // a line twice
		lines[at] += lines[at]
	case 7:
		lines[at] = strings.Replace(lines[at], "*", "//", 1)
	case 8: // other line ends
		lines[at] = strings.Replace(lines[at], "\n", "\r\n", 1)
	}
	return strings.Join(lines, "")
}
