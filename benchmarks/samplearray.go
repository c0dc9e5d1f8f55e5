package benchmarks

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes/value"
)

// readArray reads a file that is one JSON array. Its items are LiveCodeBench's,
// {"question_id": …, "code_list": […]}, or the list of programs of each problem,
// in the order of the suite: so bigcode-evaluation-harness writes generations,
// and so lcb_runner takes them too.
func (c *sampleCollector) readArray(name string, in io.Reader) error {
	content, err := readAll(in, maxContent)
	if err != nil {
		return &jsonl.Error{File: name, Err: err}
	}
	var items []arrayItem
	err = eachItem(name, content, func(raw []byte, line int) error {
		v, err := value.ParseJSON(raw)
		items = append(items, arrayItem{v, fmt.Sprintf("%s:%d", name, line)})
		return err
	})
	if err != nil {
		return err
	}
	problems := c.suite.inOrder(len(items))
	for i, item := range items {
		var err error
		switch v := item.value.(type) {
		case value.Dict:
			err = c.addCodeList(v, item.origin)
		case value.List:
			if problems == nil {
				return &jsonl.Error{File: name, Err: fmt.Errorf("%d lists of programs, in the order of %d problems of %s: there has to be one for each", len(items), len(c.suite.Problems), c.suite.Name)}
			}
			err = c.addPrograms(problems[i], v, item.origin)
		default:
			err = fmt.Errorf("want an object or a list of programs, have %s", value.Repr(v, 40))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", item.origin, err)
		}
	}
	return nil
}

// arrayItem is an item, with its place.
type arrayItem struct {
	value  value.Value
	origin string
}

// inOrder are the problems that so many lists of programs are for.
func (s *Suite) inOrder(n int) []*Problem {
	if n == len(s.Problems) {
		return s.Problems
	}
	// What the harnesses know as MBPP is its test split, tasks 11 to 510.
	if test := s.Problems[min(mbppTestFrom, len(s.Problems)):min(mbppTestTo, len(s.Problems))]; s.Name == "mbpp" && n == len(test) {
		return test
	}
	return nil
}

const (
	mbppTestFrom = 10
	mbppTestTo   = 510
)

// addCodeList takes an item of LiveCodeBench's.
func (c *sampleCollector) addCodeList(row value.Dict, origin string) error {
	var id, list value.Value
	for _, p := range row {
		switch p.Key {
		case value.Str("question_id"):
			id = p.Val
		case value.Str("code_list"):
			list = p.Val
		}
	}
	if id == nil || list == nil {
		return errors.New(`an item of an array has "question_id" and "code_list"; rows with "task_id" come one a line, without brackets around them`)
	}
	p, err := c.problem(id)
	if err != nil {
		return err
	}
	programs, ok := list.(value.List)
	if !ok {
		return fmt.Errorf(`field "code_list": want a list of programs, have %s`, value.Repr(list, 40))
	}
	return c.addPrograms(p, programs, origin)
}

func (c *sampleCollector) addPrograms(p *Problem, programs value.List, origin string) error {
	for _, program := range programs {
		text, ok := program.(value.Str)
		if !ok {
			return fmt.Errorf("want a list of programs, have %s in it", value.Repr(program, 40))
		}
		if err := c.add(p, string(text), origin, -1); err != nil {
			return err
		}
	}
	return nil
}

// startsArray says whether the first thing in a file is an opening bracket.
func startsArray(in *bufio.Reader) bool {
	for n := 1; n <= in.Size(); n++ {
		head, err := in.Peek(n)
		if err != nil {
			return false
		}
		switch head[n-1] {
		case ' ', '\t', '\n', '\r':
		default:
			return head[n-1] == '['
		}
	}
	return false
}
