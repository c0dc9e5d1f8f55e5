package evalplus

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes/value"
)

// Writer writes a result file sample by sample.
type Writer struct {
	out    *bufio.Writer
	compat benchmarks.Compat
	task   string
	seen   map[string]bool
}

// NewWriter starts a file. The hash is the data set's: benchmarks.Suite.MD5.
// Call Close at the end; w is not closed.
func NewWriter(w io.Writer, hash string, c benchmarks.Compat) *Writer {
	f := &Writer{out: bufio.NewWriter(w), compat: c, seen: make(map[string]bool)}
	fmt.Fprintf(f.out, `{"date": "%s", "hash": %s, "eval": {`, Date, jsonl.AppendString(nil, hash))
	return f
}

// Write adds a sample. Those of one task have to follow each other.
func (w *Writer) Write(r Result) error {
	var b []byte
	switch {
	case r.TaskID == w.task && len(w.seen) > 0:
		b = append(b, ", "...)
	case w.seen[r.TaskID]:
		return fmt.Errorf("write evalplus's results: the samples of %s do not follow each other", r.TaskID)
	default:
		if len(w.seen) > 0 {
			b = append(b, "], "...)
		}
		b = append(jsonl.AppendString(b, r.TaskID), ": ["...)
		w.task, w.seen[r.TaskID] = r.TaskID, true
	}
	_, err := w.out.Write(appendResult(b, r))
	return err
}

// Close ends the file. Only the form of the main branch says pass@k.
func (w *Writer) Close(p PassAtK) error {
	var b []byte
	if len(w.seen) > 0 {
		b = append(b, ']')
	}
	b = append(b, '}')
	if w.compat != benchmarks.Evalplus031 {
		b = append(b, `, "pass_at_k": {"base": `...)
		b = appendPassAtK(b, p.Base)
		if p.Plus != nil {
			b = append(b, `, "plus": `...)
			b = appendPassAtK(b, p.Plus)
		}
		b = append(b, '}')
	}
	w.out.Write(append(b, '}'))
	return w.out.Flush() // has the first error of all writes
}

func appendResult(b []byte, r Result) []byte {
	b = append(b, `{"task_id": `...)
	b = jsonl.AppendString(b, r.TaskID)
	b = append(b, `, "solution": `...)
	b = jsonl.AppendString(b, r.Solution)
	b = append(b, `, "base_status": `...)
	b = appendStatus(b, r.Base)
	b = append(b, `, "plus_status": `...)
	b = appendStatus(b, r.Plus)
	b = append(b, `, "base_fail_tests": `...)
	b = appendList(b, r.BaseFail)
	b = append(b, `, "plus_fail_tests": `...)
	b = appendList(b, r.PlusFail)
	return append(b, '}')
}

func appendStatus(b []byte, s Status) []byte {
	if s == None {
		return append(b, "null"...)
	}
	return jsonl.AppendString(b, string(s))
}

func appendList(b []byte, items [][]byte) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, item...)
	}
	return append(b, ']')
}

func appendPassAtK(b []byte, p map[int]float64) []byte {
	b = append(b, '{')
	for i, k := range slices.Sorted(maps.Keys(p)) {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = fmt.Appendf(b, `"pass@%d": %s`, k, value.Repr(value.Float(p[k]), 64))
	}
	return append(b, '}')
}
