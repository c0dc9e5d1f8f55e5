package trainer

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/assay-dev/assay/internal/jsonl"
)

// maxPair bounds a line of pairs: two programs and a prompt are far below.
const maxPair = 4 << 20

// PairReader returns the pairs of a file one by one. Members that it doesn't
// know are skipped, so that a row can carry what else its maker knew.
type PairReader struct {
	lines *jsonl.Reader
	seen  map[string]int // line of each id
}

// NewPairReader reads r, plain or gzipped, which errors call name.
func NewPairReader(name string, r io.Reader) (*PairReader, error) {
	lines, err := jsonl.NewReader(name, r, jsonl.Bounds{Line: maxPair})
	if err != nil {
		return nil, err
	}
	return &PairReader{lines: lines, seen: map[string]int{}}, nil
}

// Next returns the next pair, or io.EOF. Errors name the file and the line.
func (r *PairReader) Next() (Pair, error) {
	line, n, err := r.lines.Next()
	if err != nil {
		return Pair{}, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return Pair{}, r.lines.Errorf("a pair is an object of JSON: %w", err)
	}
	if members["chosen_spans"] == nil || members["rejected_spans"] == nil {
		return Pair{}, r.lines.Errorf("%w", errSpans)
	}
	var p Pair
	if err := json.Unmarshal(line, &p); err != nil {
		return Pair{}, r.lines.Errorf("%w", err)
	}
	if err := p.Check(); err != nil {
		return Pair{}, r.lines.Errorf("%w", err)
	}
	if first, ok := r.seen[p.ID]; ok {
		return Pair{}, r.lines.Errorf("pair %s is in line %d already", p.ID, first)
	}
	r.seen[p.ID] = n
	return p, nil
}

// WritePair writes p as one line.
func WritePair(w io.Writer, p Pair) error {
	line, err := jsonl.Marshal(p)
	if err != nil {
		return fmt.Errorf("pair %s: %w", p.ID, err)
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
