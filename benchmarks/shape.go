package benchmarks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A shape says what JSON lost of MBPP+'s arguments: tuples, sets and complex
// numbers. evalplus restores them by task (mbpp_deserialize_inputs in
// evalplus/data/mbpp.py), whatever their values look like.
var shapes = []struct {
	name    string
	tasks   []int
	restore func(args) (args, error)
}{
	{"tuples", []int{
		2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809,
	}, tuples},
	{"lists of tuples", []int{
		63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780,
	}, listsOfTuples},
	{"list of tuples, any", []int{75, 413, 444, 753}, listOfTuplesAny},
	{"any, tuple", []int{106, 750}, anyTuple},
	{"list of sets", []int{115}, listOfSets},
	{"float, complex", []int{124}, floatComplex},
	{"tuple, any", []int{250, 405, 446, 617, 720, 763, 808}, tupleAny},
	{"tuples of tuples", []int{259, 401, 445}, tuplesOfTuples},
	{"tuple of tuples and others", []int{278}, tupleOfMixed},
	{"tuple, any, any", []int{307}, tupleAnyAny},
	{"dict of tuples, rest", []int{722}, dictOfTuples},
	{"complex", []int{252}, complexOnly},
	{"tuples all the way down", []int{580, 615, 791}, tuplesDown},
}

// mbppShape gives the name of a task's shape, "" if JSON lost nothing.
func mbppShape(taskID string) string {
	n, err := strconv.Atoi(taskID[strings.LastIndexByte(taskID, '/')+1:])
	if err != nil {
		return ""
	}
	for _, s := range shapes {
		if slices.Contains(s.tasks, n) {
			return s.name
		}
	}
	return ""
}

// restore gives the arguments their shape.
func restore(shape string, in args) (args, error) {
	if shape == "" {
		return in, nil
	}
	for _, s := range shapes {
		if s.name != shape {
			continue
		}
		out, err := s.restore(in)
		if err != nil {
			return nil, fmt.Errorf("want %s: %w", shape, err)
		}
		return out, nil
	}
	return nil, fmt.Errorf("no shape is called %q", shape)
}
