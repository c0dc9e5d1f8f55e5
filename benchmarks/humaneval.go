package benchmarks

import (
	"bytes"
	"fmt"
)

// humanEval reads OpenAI's HumanEval. Its tests define check(candidate), which
// runs in the trusted instance; the prompt defines what they need besides.
func humanEval(d *dataset) ([]*Problem, error) {
	var c collector
	err := d.eachLine(func(r row) error {
		p := &Problem{Oracle: Script}
		var body string
		err := r.strings(map[string]*string{
			"task_id": &p.ID, "prompt": &p.Prompt, "entry_point": &p.EntryPoint,
			"canonical_solution": &body, "test": &p.Test,
		})
		if err != nil {
			return err
		}
		p.Canonical = p.Prompt + body
		p.Helpers = p.Prompt
		p.Test += fmt.Sprintf("\ncheck(%s)\n", p.EntryPoint)
		return c.add(r, p)
	})
	return c.problems, err
}

// humanEvalPlus reads evalplus's HumanEval+.
func humanEvalPlus(d *dataset) ([]*Problem, error) {
	return evalplus(d, humanEvalSpecial, func(string) string { return "" })
}

// mbppPlus reads evalplus's MBPP+, whose inputs were flattened to JSON and are
// restored by task.
func mbppPlus(d *dataset) ([]*Problem, error) {
	return evalplus(d, mbppSpecial, mbppShape)
}

// evalplus reads the shape that both have. The canonical program is the prompt
// and the canonical solution, as evalplus itself runs it; contracts are for
// making inputs only.
func evalplus(d *dataset, special func(entryPoint string) string, shape func(taskID string) string) ([]*Problem, error) {
	var c collector
	err := d.eachLine(func(r row) error {
		p := &Problem{Oracle: Cases}
		var body string
		err := r.strings(map[string]*string{
			"task_id": &p.ID, "prompt": &p.Prompt, "entry_point": &p.EntryPoint,
			"canonical_solution": &body,
		})
		if err != nil {
			return err
		}
		p.Canonical = p.Prompt + body
		p.Rule.Special = special(p.EntryPoint)
		if p.Rule.Atol, err = r.number("atol"); err != nil {
			return err
		}
		for _, name := range basePlus {
			set, err := inputSet(r, name, shape(p.ID))
			if err != nil {
				return err
			}
			p.Sets = append(p.Sets, set)
		}
		return c.add(r, p)
	})
	return c.problems, err
}

// inputSet splits the list of inputs, each a list of positional arguments.
func inputSet(r row, name, shape string) (InputSet, error) {
	field := name + "_input"
	text, ok := r.fields[field]
	if !ok {
		return InputSet{}, fmt.Errorf("field %q %w", field, errAbsent)
	}
	set, err := NewInputSet(name, bytes.Clone(text))
	if err != nil {
		return InputSet{}, fmt.Errorf("field %q: %w", field, err)
	}
	set.shape = shape
	set.where = fmt.Sprintf("%s:%d: field %q", r.file, r.line, field)
	return set, nil
}
