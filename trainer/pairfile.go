package trainer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/trainer/mask"
)

// pairVersion is the version of the form of a line of pairs.
const pairVersion = 1

// Pair is a preference pair: TRL's three columns, and beside them the parts of
// the answers that their difference is in. In a file it is a line of JSON.
//
// Spans count the UTF-8 bytes of the answer as it stands in the row, a fence
// included.
type Pair struct {
	Version       int       `json:"version"`
	ID            string    `json:"id"`
	Prompt        string    `json:"prompt"`
	Chosen        string    `json:"chosen"`
	Rejected      string    `json:"rejected"`
	ChosenSpans   mask.Mask `json:"chosen_spans"`   // D⁺
	RejectedSpans mask.Mask `json:"rejected_spans"` // D⁻
}

// maxID bounds a pair's id, in bytes.
const maxID = 256

var errSpans = errors.New("it has no spans: a pair needs chosen_spans (D⁺) and rejected_spans (D⁻), each an array of [start, end] in bytes")

// Check says what is wrong with p.
func (p Pair) Check() error {
	switch {
	case p.Version != pairVersion:
		return fmt.Errorf("version is %d: this program reads version %d", p.Version, pairVersion)
	case p.ID == "":
		return errors.New("id is missing")
	case len(p.ID) > maxID:
		return fmt.Errorf("id has %d bytes, and at most %d are allowed", len(p.ID), maxID)
	case p.Prompt == "":
		return fmt.Errorf("pair %s: prompt is missing", p.ID)
	case p.Chosen == "":
		return fmt.Errorf("pair %s: chosen is missing", p.ID)
	case p.Rejected == "":
		return fmt.Errorf("pair %s: rejected is missing", p.ID)
	}
	if err := p.ChosenSpans.Check(p.Chosen); err != nil {
		return fmt.Errorf("pair %s: chosen_spans: %w", p.ID, err)
	}
	if err := p.RejectedSpans.Check(p.Rejected); err != nil {
		return fmt.Errorf("pair %s: rejected_spans: %w", p.ID, err)
	}
	return nil
}

// NewPair makes a pair whose spans are the lines outside of the answers' longest
// common subsequence of lines.
func NewPair(id, prompt, chosen, rejected string) (Pair, error) {
	minus, plus, err := mask.Diff(rejected, chosen, mask.Lines)
	if err != nil {
		return Pair{}, fmt.Errorf("pair %s: %w", id, err)
	}
	p := Pair{
		Version: pairVersion, ID: id, Prompt: prompt, Chosen: chosen, Rejected: rejected,
		ChosenSpans: mask.Mask{Spans: plus}, RejectedSpans: mask.Mask{Spans: minus},
	}
	return p, p.Check()
}

// maxPair bounds a line of pairs: two programs and a prompt are far below.
const maxPair = 4 << 20

// PairReader returns the pairs of a file one by one.
type PairReader struct {
	lines  *jsonl.Reader
	decode func(line []byte, n int) (Pair, error)
	called string         // what a line holds, for messages
	seen   map[string]int // line of each id
}

// NewPairReader reads the pairs of r, plain or gzipped, which errors call name.
// Members that it doesn't know are skipped, so that a row can carry what else its
// maker knew.
func NewPairReader(name string, r io.Reader) (*PairReader, error) {
	lines, err := jsonl.NewReader(name, r, jsonl.Bounds{Line: maxPair})
	return &PairReader{lines, decodePair, "pair", map[string]int{}}, err
}

// NewCorpusReader reads the rows of a corpus to learn by heart, as TRL has them:
// objects with prompt and completion; a row's id, if it has none, is its number.
// They become pairs whose answers are equal: only SFT, which never looks at the
// rejected one, takes them.
func NewCorpusReader(name string, r io.Reader) (*PairReader, error) {
	lines, err := jsonl.NewReader(name, r, jsonl.Bounds{Line: maxPair})
	return &PairReader{lines, decodeCorpus, "row", map[string]int{}}, err
}

// Next returns the next pair, or io.EOF. Errors name the file and the line.
func (r *PairReader) Next() (Pair, error) {
	line, n, err := r.lines.Next()
	if err != nil {
		return Pair{}, err
	}
	p, err := r.decode(line, n)
	if err == nil {
		err = p.Check()
	}
	if err != nil {
		return Pair{}, r.lines.Errorf("%w", err)
	}
	if first, ok := r.seen[p.ID]; ok {
		return Pair{}, r.lines.Errorf("%s %s is in line %d already", r.called, p.ID, first)
	}
	r.seen[p.ID] = n
	return p, nil
}

func decodePair(line []byte, _ int) (p Pair, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return p, fmt.Errorf("a pair is an object of JSON: %w", err)
	}
	if members["chosen_spans"] == nil || members["rejected_spans"] == nil {
		return p, errSpans
	}
	err = json.Unmarshal(line, &p)
	return p, err
}

func decodeCorpus(line []byte, n int) (Pair, error) {
	var row struct{ ID, Prompt, Completion string }
	if err := json.Unmarshal(line, &row); err != nil {
		return Pair{}, fmt.Errorf("a row of a corpus is an object with prompt and completion: %w", err)
	}
	if row.Completion == "" {
		return Pair{}, errors.New("completion is missing")
	}
	return Pair{
		Version: pairVersion, ID: cmp.Or(row.ID, fmt.Sprint(n)), Prompt: row.Prompt, Chosen: row.Completion, Rejected: row.Completion,
		ChosenSpans: mask.Mask{Spans: []mask.Span{}}, RejectedSpans: mask.Mask{Spans: []mask.Span{}},
	}, nil
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
