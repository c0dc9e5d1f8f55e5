package benchmarks

import "fmt"

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
