package benchmarks

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/value"
)

// FuzzLoad: whatever the file, a suite's problems are whole and its errors name
// the file.
func FuzzLoad(f *testing.F) {
	const mbppRow = `"task_id": 2, "code": "def f(): pass", "test_list": ["assert f()"], `
	for i, seed := range []string{
		`{"task_id": "HumanEval/0", "prompt": "", "entry_point": "f", "canonical_solution": "", "test": ""}`,
		plusRow(),
		plusRow("HumanEval/0", "Mbpp/722", "[[1]]", `[[{"a": [1e400, -Infinity]}, 2]]`),
		"{" + mbppRow + `"text": "", "test_setup_code": "x = 1\r\n"}`,
		"[{" + mbppRow + `"prompt": "", "test_imports": ["import math"]}]`,
		lcbRow(f, nil), lcbRow(f, lcbFunction),
		`{"id": 1, "content": "", "labels": "{}", "test": "[{\"input\": {\"stdin\": \"\"}, \"output\": {\"stdout\": \"\"}}]"}`,
	} {
		f.Add(uint8(min(i, 5)), []byte(seed))
		f.Add(uint8(min(i, 5)), []byte(seed[:len(seed)/2]))
	}
	for _, seed := range []string{ownRow + "}", `{"suite": "mine", "compare": "tokens", "tolerance": 1}`, lcbRow(f, nil)} {
		f.Add(uint8(6), []byte(seed))
	}
	formats := []format{humanEval, humanEvalPlus, mbppPlus, mbpp, mbppSanitized, liveCodeBench, stdioSuite}
	f.Fuzz(func(t *testing.T, which uint8, file []byte) {
		info := Info{Name: "x", Version: "y", format: formats[int(which)%len(formats)]}
		d := &dataset{info: info, name: "f", parts: []part{{name: "f", content: append([]byte{}, file...)}}}
		s, err := load(d)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x@y: f:") {
				t.Errorf("an error without a place: %v", err)
			}
			return
		}
		for _, p := range s.Problems {
			if p.Hash == [32]byte{} || p.Oracle == "" {
				t.Errorf("%s is not whole", p.ID)
			}
			for i := range p.Sets {
				checkSet(t, &p.Sets[i])
			}
			if p.Tests != nil {
				if set, _, err := p.Tests.Calls(); err == nil {
					checkSet(t, &set)
				}
			}
		}
	})
}

// checkSet parses every input and serializes it again.
func checkSet(t *testing.T, s *InputSet) {
	inputs, err := s.Inputs()
	if err != nil {
		if !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("an error without a place: %v", err)
		}
		return
	}
	if len(inputs) != s.N {
		t.Errorf("%d inputs, want %d", len(inputs), s.N)
	}
	for i := range inputs {
		text, err := s.JSON(i)
		if err != nil {
			continue
		}
		if _, err := value.ParseJSON(text); err != nil {
			t.Errorf("input %d is written as %s: %v", i, text, err)
		}
	}
}

// FuzzRestore: every shape takes any arguments or refuses them, and what it
// makes of them can be encoded.
func FuzzRestore(f *testing.F) {
	for i, seed := range []string{
		`[[1, 2], [3]]`, `[[[1], [2]], [[3]]]`, `[[[1], "ab"], 2]`, `[1, [2]]`, `[[[], [1, 1], {}, null]]`, `["-1e3", "(-0-1j)"]`,
		`[[1], 2]`, `[[[1], [2]]]`, `[[1, [2], "x"]]`, `[[1], 2, 3]`, `[{"a": [1]}, 2]`, `["1_0j"]`, `[[[1, [2]]], 3]`,
	} {
		f.Add(uint8(min(i, 5)), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		in, err := parseArgs(text)
		if err != nil {
			return
		}
		shape := shapes[int(which)%len(shapes)].name
		out, err := restore(shape, in)
		if err != nil {
			return
		}
		if _, err := value.AppendMarshal(nil, value.Tuple(out)); err != nil {
			t.Errorf("%s of %s: %v", shape, text, err)
		}
	})
}
