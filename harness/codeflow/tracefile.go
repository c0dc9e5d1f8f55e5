package codeflow

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/assay-dev/assay/internal/jsonl"
)

// Bounds of what is read back: a trace, in bytes, and its steps. A trace of five
// iterations is usually below 100 KB.
const (
	maxTrace = 64 << 20
	maxSteps = 10_000
)

// ReadTraces visits the traces of a file, plain or gzipped, in order. One is in
// memory at a time; errors name the file and the line.
func ReadTraces(path string, visit func(*Trace) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return readTraces(path, f, visit)
}

func readTraces(name string, in io.Reader, visit func(*Trace) error) error {
	r, err := jsonl.NewReader(name, in, jsonl.Bounds{Line: maxTrace, Total: 1 << 40})
	if err != nil {
		return err
	}
	for line, err := range r.All() {
		if err != nil {
			return err
		}
		t, err := decodeTrace(line)
		if err != nil {
			return r.Errorf("%w", err)
		}
		if err := visit(t); err != nil {
			return err
		}
	}
	return nil
}

func decodeTrace(line []byte) (*Trace, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, fmt.Errorf("it is no trace: %w", err)
	}
	if head.Version != TraceVersion {
		return nil, fmt.Errorf("a trace of version %d; this assay reads %d", head.Version, TraceVersion)
	}
	t := &Trace{}
	if err := json.Unmarshal(line, t); err != nil {
		return nil, fmt.Errorf("it is no trace: %w", err)
	}
	switch {
	case t.TaskID == "":
		return nil, fmt.Errorf(`the trace has no "task_id"`)
	case len(t.Steps) > maxSteps:
		return nil, fmt.Errorf("the trace has %d steps; at most %d are read", len(t.Steps), maxSteps)
	case t.Outcome != Passed && t.Outcome != Dropped:
		return nil, fmt.Errorf("the trace's outcome is %q: want %s or %s", t.Outcome, Passed, Dropped)
	case t.Outcome == Passed && t.Last() == nil:
		return nil, fmt.Errorf("the trace passed, and no step of it was chosen")
	}
	return t, nil
}
