package peers

import (
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/value"
)

// isGenerations: bigcode-evaluation-harness writes an array with the list of
// programs of each problem.
func isGenerations(e entry) bool {
	_, ok := e.value.(value.List)
	return ok && e.array
}

// readGenerations takes the programs of a problem: the lists are in the order of
// the suite.
func readGenerations(r *reader, e entry) error {
	problems := inOrder(r.suite, e.of)
	if problems == nil {
		return &jsonl.Error{File: r.path, Err: fmt.Errorf("%d lists of programs, in the order of %d problems of %s: there has to be one for each", e.of, len(r.suite.Problems), r.suite.Name)}
	}
	return r.addPrograms(problems[e.index], e.value.(value.List), e.origin)
}

// inOrder are the problems that so many lists of programs are for.
func inOrder(s *benchmarks.Suite, n int) []*benchmarks.Problem {
	if n == len(s.Problems) {
		return s.Problems
	}
	// What the harnesses know as MBPP is its test split, tasks 11 to 510.
	const from, to = 10, 510
	if s.Name == "mbpp" && len(s.Problems) >= to && n == to-from {
		return s.Problems[from:to]
	}
	return nil
}

// generationsSource: lcb_runner takes such lists too, for its own suite.
func generationsSource(_ entry, path string, s *benchmarks.Suite) *Source {
	if s.Name == benchmarks.LiveCodeBench {
		return nil
	}
	names := map[string]string{"humaneval+": "humanevalplus", "mbpp+": "mbppplus"}
	return &Source{Harness: BigCode, Task: taskName(generationsName, path, names, s)}
}

var generationsName = regexp.MustCompile(`^generations_(.+)\.json(\.gz)?$`)

// taskName is what a harness calls a suite: as the name of its file says, or by
// its own names, or as we do.
func taskName(pattern *regexp.Regexp, path string, names map[string]string, s *benchmarks.Suite) string {
	if m := pattern.FindStringSubmatch(filepath.Base(path)); m != nil {
		return m[1]
	}
	if name := names[s.Name]; name != "" {
		return name
	}
	return s.Name
}

var bigCodeFiles = []file{{"evaluation_results.json", isFrom(BigCode), whole(bigCodeResults)}}

// bigCodeKs are the k of bigcode-evaluation-harness's pass@k.
var bigCodeKs = []int{1, 10, 100}

// bigCodeResults is evaluation_results.json: pass@k by task, and what was run.
func bigCodeResults(r *Run) ([]byte, error) {
	scores := map[string]float64{}
	for _, k := range bigCodeKs {
		if e, ok := r.Score(k); ok {
			scores[passAt(k)] = e.Mean
		}
	}
	return indented(map[string]any{
		r.Source.Task: scores,
		"config": map[string]any{
			"tasks": r.Source.Task, "suite": specOf(r.Suite), "model": nil, "assay": r.Assay, "runtime": r.Runtime,
		},
	}, "  ")
}

func passAt(k int) string { return fmt.Sprintf("pass@%d", k) }

// specOf is the suite as the command line names it.
func specOf(s *benchmarks.Suite) string {
	if s.Version == "" {
		return s.Name
	}
	return s.Name + "@" + s.Version
}
