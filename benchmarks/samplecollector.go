package benchmarks

import (
	"fmt"
	"strings"
)

// maxIndex bounds the number of a sample.
const maxIndex = 1 << 20

// sampleCollector numbers samples and sees to it that no number is given twice.
type sampleCollector struct {
	suite    *Suite
	problems map[string]*Problem
	samples  []Sample
	tasks    map[string]*taken
	filter   *string // whose rows of lm-evaluation-harness these are
	fenced   int
}

// taken is what is known of a task's samples so far.
type taken struct {
	first    string         // where its first sample is
	explicit bool           // whether its samples carry numbers
	origins  map[int]string // by number
}

func newSampleCollector(s *Suite) *sampleCollector {
	c := &sampleCollector{suite: s, problems: make(map[string]*Problem, len(s.Problems)), tasks: make(map[string]*taken)}
	for _, p := range s.Problems {
		c.problems[p.ID] = p
	}
	return c
}

// add takes in a sample; index is -1 where it has no number of its own.
func (c *sampleCollector) add(p *Problem, solution, origin string, index int) error {
	if len(solution) > maxSolution {
		return fmt.Errorf("the solution has %d bytes, at most %d", len(solution), maxSolution)
	}
	t := c.tasks[p.ID]
	if t == nil {
		t = &taken{first: origin, explicit: index >= 0, origins: make(map[int]string)}
		c.tasks[p.ID] = t
	}
	if t.explicit != (index >= 0) {
		return fmt.Errorf(`either all samples of %s have a field "sample" or none: not so here and at %s`, p.ID, t.first)
	}
	if index < 0 {
		index = len(t.origins)
	}
	if first, dup := t.origins[index]; dup {
		return fmt.Errorf("sample %d of %s is there already, at %s", index, p.ID, first)
	}
	if index > maxIndex {
		return fmt.Errorf("more than %d samples of %s", maxIndex, p.ID)
	}
	t.origins[index] = origin
	if isFenced(solution, p) {
		c.fenced++
	}
	c.samples = append(c.samples, Sample{TaskID: p.ID, Index: index, Solution: solution, Origin: origin})
	return nil
}

// isFenced says whether a solution is a chat's answer and not a program: a line
// that opens a block of code, where Python would have none.
func isFenced(solution string, p *Problem) bool {
	answer := strings.TrimPrefix(solution, p.Prompt)
	return strings.HasPrefix(strings.TrimSpace(answer), "```") || strings.Contains(answer, "\n```")
}

func (c *sampleCollector) warnings() []Warning {
	if c.fenced == 0 {
		return nil
	}
	return []Warning{Warning(fmt.Sprintf(
		"%d of %d samples have a ``` fence in them: a sample has to be plain code, so take the program out of the answer and give it as \"solution\"",
		c.fenced, len(c.samples)))}
}
