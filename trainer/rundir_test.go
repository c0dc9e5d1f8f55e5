package trainer

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/testkit"
	"github.com/assay-dev/assay/trainer/mask"
	"github.com/assay-dev/assay/trainer/objective"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the golden files anew")

type list []Pair

func (l *list) Next() (Pair, error) {
	if len(*l) == 0 {
		return Pair{}, io.EOF
	}
	p := (*l)[0]
	*l = (*l)[1:]
	return p, nil
}

// examplePairs are bugs of small programs, and one pair that only lacks a line.
func examplePairs(t *testing.T) *list {
	t.Helper()
	fence := func(code string) string { return "```python\n" + code + "```\n" }
	var pairs list
	for _, c := range []struct{ id, prompt, chosen, rejected string }{
		{"add", "Add two numbers.\n", "def add(a, b):\n    return a + b\n", "def add(a, b):\n    return a - b\n"},
		{"mean", "The mean of a list.\n", "def mean(xs):\n    if not xs:\n        return 0.0\n    return sum(xs) / len(xs)\n", "def mean(xs):\n    return sum(xs) / len(xs)\n"},
		{"größe", "Die Größe.\n", "def größe(s):\n    return len(s)\n", "def größe(s):\n    return len(s) - 1\n"},
		{"evens", "Even numbers below n.\n", "def evens(n):\n    return [i for i in range(n) if i % 2 == 0]\n", "def evens(n):\n    out = []\n    for i in range(n):\n        if i % 2:\n            out.append(i)\n    return out\n"},
		{"indent", "Sum of squares.\n", "def f(xs):\n    s = 0\n    for x in xs:\n        s += x * x\n    return s\n", "def f(xs):\n    s = 0\n    for x in xs:\n        s += x * x\n        return s\n"},
		{"first", "First or None.\n", "def first(xs):\n    return xs[0] if xs else None\n", "def first(xs):\n    return xs[0]\n"},
	} {
		p, err := NewPair(c.id, c.prompt, fence(c.chosen), fence(c.rejected))
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, p)
	}
	return &pairs
}

func exampleRun(t *testing.T) Run {
	c := choice(t, "target-rpo")
	c.Empty, c.Seed = augment, 7
	return Run{
		Assay:     "test",
		Trainer:   "trl",
		Objective: objective.Objective{Method: c.Method, Beta: 0.1, Alpha: 1, Norm: objective.PerBatch},
		Choice:    c,
		Rule:      mask.Overlap,
		Config:    json.RawMessage(`{"model":"../model"}`),
	}
}

// TestRunDirectory holds what is written to files that the PyTorch trainer's
// tests read: both sides know the same form.
func TestRunDirectory(t *testing.T) {
	golden := filepath.Join("testdata", "run")
	if *update {
		if err := os.RemoveAll(golden); err != nil {
			t.Fatal(err)
		}
		if _, err := exampleRun(t).Write(golden, examplePairs(t)); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := exampleRun(t).Write(dir, examplePairs(t)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ManifestFile, PairsFile, ConfigFile} {
		want, err := os.ReadFile(filepath.Join(golden, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from the golden one (go test -update writes it anew):\n%s", name, got)
		}
		switch name {
		case ManifestFile:
			conforms(t, "manifest", got)
		case PairsFile:
			for line := range bytes.Lines(got) {
				conforms(t, "pairs", line)
			}
		}
	}
	if _, err := exampleRun(t).Write(dir, examplePairs(t)); err == nil || !strings.Contains(err.Error(), "holds a run already") {
		t.Errorf("written over: %v", err)
	}
}

func conforms(t *testing.T, name string, data []byte) {
	t.Helper()
	schema := testkit.Schema(t, filepath.Join("schemas", name+".schema.json"), os.ReadFile)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s: %v", data, err)
	}
}

// TestNoManifestAfterAnError: a directory with a manifest is whole.
func TestNoManifestAfterAnError(t *testing.T) {
	run := exampleRun(t)
	run.Choice.Empty = Refuse
	dir := t.TempDir()
	run.Rule = "nearest"
	if _, err := run.Write(dir, examplePairs(t)); err == nil || !strings.Contains(err.Error(), "nearest") {
		t.Errorf("an unknown rule: %v", err)
	}
	run.Rule = mask.Owner
	if _, err := run.Write(dir, examplePairs(t)); err == nil || !strings.Contains(err.Error(), "pair mean") {
		t.Errorf("an empty mask: %v", err)
	}
	run.Choice.Empty = Drop
	one := list{(*examplePairs(t))[1]}
	if _, err := run.Write(dir, &one); err == nil || !strings.Contains(err.Error(), "no pair is left to train on: 1 read, 1 left out") {
		t.Errorf("nothing left: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, ManifestFile)); !os.IsNotExist(err) {
		t.Error("there is a manifest")
	}
}

// TestRowsOfOthersInARun: the rows that a trainer gets of them have the form of
// all others.
func TestRowsOfOthersInARun(t *testing.T) {
	r, err := NewPairReader("theirs.jsonl", strings.NewReader(`{"prompt":"p","chosen":"a\n","rejected":"b\n"}
{"chosen":[{"role":"user","content":"p"},{"role":"assistant","content":"a\n"}],"rejected":[{"role":"user","content":"p"},{"role":"assistant","content":"b\n"}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := exampleRun(t).Write(dir, r); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, PairsFile))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"version":1,"id":"1","prompt":"p","chosen":"a\n","rejected":"b\n","chosen_spans":"all","rejected_spans":[[0,2]]}
{"version":1,"id":"2","prompt":"p\n","chosen":"a\n","rejected":"b\n","chosen_spans":"all","rejected_spans":[[0,2]],"prompt_messages":[{"role":"user","content":"p"}]}
`
	if string(got) != want {
		t.Errorf("%s", got)
	}
	for line := range bytes.Lines(got) {
		conforms(t, "pairs", line)
	}
	again, err := readPairs(string(got))
	if err != nil || again[1].Conversation[0] != (Message{"user", "p"}) {
		t.Errorf("read again: %+v, %v", again, err)
	}
	bad, err := NewPairReader("theirs.jsonl", strings.NewReader(`{"prompt":"p","chosen":"a\n","rejected":"b\n"}
{"prompt":"p","chosen":"a\nb\n","rejected":"a\n"}
`))
	if err != nil {
		t.Fatal(err)
	}
	run := exampleRun(t)
	run.Choice.Empty = Refuse
	if _, err := run.Write(filepath.Join(dir, "other"), bad); err == nil || !strings.HasPrefix(err.Error(), "theirs.jsonl:2: pair 2: its line mask is empty on the rejected side") {
		t.Errorf("an empty mask: %v", err)
	}
}
