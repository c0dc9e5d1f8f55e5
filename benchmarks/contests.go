package benchmarks

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/internal/jsonl"
)

// fusionProblem reads a row as SandboxFusion has it: the question in "content",
// what is known of it in "labels", and in "test" either a list of tests on
// standard input, which are CodeContests's, or LiveCodeBench's, packed.
func fusionProblem(r row) (*Problem, error) {
	p := &Problem{}
	var err error
	if p.Statement, err = r.str("content"); err != nil {
		return nil, err
	}
	if err := p.fusionLabels(r); err != nil {
		return nil, err
	}
	test, err := r.str("test")
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(strings.TrimLeft(test, " \t\r\n"), "[") {
		tests, err := fusionCases(test)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", "test", err)
		}
		p.Oracle, p.Output, p.Tests = Stdio, codeContests, NewTests(tests)
		return p, nil
	}
	tests, function, err := fusionPacked(test)
	if err != nil {
		return nil, fmt.Errorf("field %q: %w", "test", err)
	}
	p.Tests = NewTests(tests)
	return p, asLCB(p, function)
}

// fusionLabels names the problem: by the task id among its labels, of which the
// part before the slash is the platform, or by its own.
func (p *Problem) fusionLabels(r row) error {
	text, err := r.str("labels")
	if err != nil {
		return err
	}
	var labels struct {
		TaskID     string `json:"task_id"`
		Category   string `json:"category"`
		Difficulty string `json:"difficulty"`
		Name       string `json:"name"`
		Source     string `json:"source"`
	}
	if err := json.Unmarshal([]byte(text), &labels); err != nil {
		return fmt.Errorf("field %q: %w", "labels", err)
	}
	p.Contest = Contest{Title: labels.Name, Platform: labels.Source, Difficulty: strings.ToLower(labels.Difficulty)}
	if platform, id, ok := strings.Cut(labels.TaskID, "/"); ok && id != "" {
		p.ID, p.Contest.Platform = id, platform
		return nil
	}
	id := json.Number("")
	if err := r.decode("id", &id, "a number"); err != nil {
		return err
	}
	p.ID = id.String()
	return nil
}

// fusionCases reads tests on standard input.
func fusionCases(text string) ([]Test, error) {
	var cases []struct {
		Input struct {
			Stdin *string `json:"stdin"`
		} `json:"input"`
		Output struct {
			Stdout *string `json:"stdout"`
		} `json:"output"`
	}
	if err := json.Unmarshal([]byte(text), &cases); err != nil {
		return nil, err
	}
	out := make([]Test, len(cases))
	for i, c := range cases {
		if c.Input.Stdin == nil || c.Output.Stdout == nil {
			return nil, fmt.Errorf("test %d: stdin or stdout is missing", i)
		}
		out[i] = Test{*c.Input.Stdin, *c.Output.Stdout}
	}
	if len(out) == 0 {
		return nil, errors.New("there are no tests")
	}
	return out, nil
}

// fusionPacked reads LiveCodeBench's tests, and the function that they are of.
func fusionPacked(text string) ([]Test, string, error) {
	p, err := unpack(text)
	if err != nil {
		return nil, "", err
	}
	inner, ok := p.dict["input_output"]
	if !ok {
		return nil, "", errors.New(`what is packed in it has no "input_output"`)
	}
	var all struct {
		Inputs   []string `json:"inputs"`
		Outputs  []string `json:"outputs"`
		Function string   `json:"fn_name"`
	}
	if err := json.Unmarshal([]byte(inner), &all); err != nil {
		return nil, "", err
	}
	if len(all.Inputs) != len(all.Outputs) || len(all.Inputs) == 0 {
		return nil, "", fmt.Errorf("%d inputs and %d outputs", len(all.Inputs), len(all.Outputs))
	}
	out := make([]Test, len(all.Inputs))
	for i := range out {
		out[i] = Test{all.Inputs[i], all.Outputs[i]}
	}
	return out, all.Function, nil
}

// codeContests is how CodeContests compares outputs (OutputsMatch in
// execution/tester_sandboxer.cc), but that integers are compared as such, also
// those that a float can't tell apart.
var codeContests = OutputRule{Name: Tokens, Tolerance: 1e-5, IgnoreCase: true}

// codeContestsProblem reads a row of DeepMind's CodeContests: lists of inputs and
// outputs, public, private and generated.
func codeContestsProblem(r row) (*Problem, error) {
	p := &Problem{Oracle: Stdio, Output: codeContests}
	if err := r.strings(map[string]*string{"name": &p.ID, "description": &p.Statement}); err != nil {
		return nil, err
	}
	p.Contest.Title = p.ID
	var limit struct {
		Seconds float64 `json:"seconds"`
		Nanos   float64 `json:"nanos"`
	}
	if raw := r.fields["time_limit"]; raw != nil {
		if err := json.Unmarshal(raw, &limit); err != nil {
			return nil, fmt.Errorf("field %q: want an object with seconds and nanos, have %s", "time_limit", jsonl.Excerpt(raw))
		}
	}
	if p.Seconds = limit.Seconds + limit.Nanos/1e9; !(p.Seconds > 0 && p.Seconds <= maxSeconds) {
		p.Seconds = defaultSeconds
	}
	p.Tests = r.tests(codeContestsCases)
	return p, nil
}

func codeContestsCases(r row) ([]Test, error) {
	var out []Test
	for _, field := range []string{"public_tests", "private_tests", "generated_tests"} {
		var lists struct {
			Input  []string `json:"input"`
			Output []string `json:"output"`
		}
		if err := r.optional(field, &lists, "an object with lists of inputs and outputs"); err != nil {
			return nil, err
		}
		if len(lists.Input) != len(lists.Output) {
			return nil, fmt.Errorf("field %q: %d inputs and %d outputs", field, len(lists.Input), len(lists.Output))
		}
		for i := range lists.Input {
			out = append(out, Test{lists.Input[i], lists.Output[i]})
		}
	}
	return out, nil
}
