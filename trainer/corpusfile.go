package trainer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/trainer/mask"
)

// CorpusReader returns the rows of a corpus to learn by heart as pairs whose
// answers are equal: only SFT, which never looks at the rejected one, takes them.
type CorpusReader struct {
	lines *jsonl.Reader
	seen  map[string]int // line of each id
}

// NewCorpusReader reads r, plain or gzipped, which errors call name. A row is
// TRL's: an object with prompt and completion; its id, if it has none, is its
// number.
func NewCorpusReader(name string, r io.Reader) (*CorpusReader, error) {
	lines, err := jsonl.NewReader(name, r, jsonl.Bounds{Line: maxPair})
	if err != nil {
		return nil, err
	}
	return &CorpusReader{lines: lines, seen: map[string]int{}}, nil
}

// Next returns the next row, or io.EOF. Errors name the file and the line.
func (r *CorpusReader) Next() (Pair, error) {
	line, n, err := r.lines.Next()
	if err != nil {
		return Pair{}, err
	}
	var row struct{ ID, Prompt, Completion string }
	if err := json.Unmarshal(line, &row); err != nil {
		return Pair{}, r.lines.Errorf("a row of a corpus is an object with prompt and completion: %w", err)
	}
	if row.Completion == "" {
		return Pair{}, r.lines.Errorf("completion is missing")
	}
	p := Pair{
		Version: PairVersion, ID: cmp.Or(row.ID, fmt.Sprint(n)), Prompt: row.Prompt, Chosen: row.Completion, Rejected: row.Completion,
		ChosenSpans: mask.Mask{Spans: []mask.Span{}}, RejectedSpans: mask.Mask{Spans: []mask.Span{}},
	}
	if err := p.Check(); err != nil {
		return Pair{}, r.lines.Errorf("%w", err)
	}
	if first, ok := r.seen[p.ID]; ok {
		return Pair{}, r.lines.Errorf("row %s is in line %d already", p.ID, first)
	}
	r.seen[p.ID] = n
	return p, nil
}
