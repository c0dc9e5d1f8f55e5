package peers

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/value"
)

// isResponse says whether a row is one that lm-evaluation-harness logs.
func isResponse(e entry) bool {
	return !e.array && e.fields["task_id"] == nil && e.fields["doc"] != nil && e.fields["filtered_resps"] != nil
}

// readResponse takes the programs of such a row: what the task's filter made of
// the model's answers, a text or a list of texts for each request. With tests it
// is a whole program.
func readResponse(r *reader, e entry) error {
	doc, ok := e.fields["doc"].(value.Dict)
	if !ok {
		return fmt.Errorf(`field "doc": want an object, have %s`, value.Repr(e.fields["doc"], 40))
	}
	id := membersOf(doc)["task_id"]
	if id == nil {
		return errors.New(`field "doc": it has no "task_id", so nobody knows which problem the row is for`)
	}
	p, err := r.problem(id)
	if err != nil {
		return err
	}
	filter := filterOf(e)
	if r.filter == nil {
		r.filter = &filter
	}
	if *r.filter != filter {
		return fmt.Errorf("the row is what the filter %s made, and others are what %s made: leave the rows of one", jsonl.Quote(filter), jsonl.Quote(*r.filter))
	}
	responses, ok := e.fields["filtered_resps"].(value.List)
	if !ok {
		return fmt.Errorf(`field "filtered_resps": want a list, have %s`, value.Repr(e.fields["filtered_resps"], 40))
	}
	for _, response := range responses {
		if one, ok := response.(value.Str); ok {
			response = value.List{one}
		}
		programs, ok := response.(value.List)
		if !ok {
			return fmt.Errorf(`field "filtered_resps": want texts, have %s in it`, value.Repr(response, 40))
		}
		if err := r.addPrograms(p, programs, e.origin); err != nil {
			return err
		}
	}
	return nil
}

func filterOf(e entry) string {
	if name, ok := e.fields["filter"].(value.Str); ok {
		return string(name)
	}
	return "none"
}

func responseSource(first entry, path string, s *benchmarks.Suite) *Source {
	names := map[string]string{"humaneval+": "humaneval_plus", "mbpp+": "mbpp_plus"}
	source := &Source{Harness: LMEval, Task: taskName(responsesName, path, names, s), Filter: filterOf(first)}
	metrics, _ := first.fields["metrics"].(value.List)
	for _, m := range metrics {
		if name, ok := m.(value.Str); ok {
			source.Metrics = append(source.Metrics, string(name))
		}
	}
	return source
}

var responsesName = regexp.MustCompile(`^samples_(.+)_\d{4}-\d{2}-\d{2}T.*\.jsonl(\.gz)?$`)

var lmEvalFiles = []file{{"results_lm_eval.json", isFrom(LMEval), whole(lmEvalResults)}}

// lmEvalResults is what lm-evaluation-harness calls results_DATE.json, without
// what is only of the model.
func lmEvalResults(r *Run) ([]byte, error) {
	task, filter := r.Source.Task, r.Source.Filter
	results, higher := map[string]any{"alias": task}, map[string]bool{}
	for metric, k := range metricKs(r.Source.Metrics) {
		e, ok := r.Score(k)
		if !ok {
			continue
		}
		results[metric+","+filter], results[metric+"_stderr,"+filter] = e.Mean, jsonl.Text("N/A")
		if e.HasError {
			results[metric+"_stderr,"+filter] = e.Error
		}
		higher[metric] = true
	}
	tasks := map[string]int{"original": len(r.Suite.Problems), "effective": len(r.Tasks)}
	of := func(v any) map[string]any { return map[string]any{task: v} }
	return indented(map[string]any{
		"results": of(results), "group_subtasks": of([]string{}), "n-samples": of(tasks), "higher_is_better": of(higher),
		"configs": of(map[string]any{"task": task, "metadata": map[string]any{"suite": specOf(r.Suite)}}),
		"config":  map[string]any{"model": "assay", "model_args": map[string]any{"version": r.Assay, "runtime": r.Runtime}},
	}, "  ")
}

// metricKs are the k of pass@k that metrics ask for, by the metric's name.
func metricKs(metrics []string) map[string]int {
	out := map[string]int{}
	for _, name := range metrics {
		for _, prefix := range []string{"pass@", "pass_at_"} {
			k := 0
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				if _, err := fmt.Sscanf(rest, "%d", &k); err == nil && k > 0 {
					out[name] = k
				}
			}
		}
	}
	return out
}
