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
// included; of a conversational row, those of the answer's content.
type Pair struct {
	Version       int       `json:"version"`
	ID            string    `json:"id"`
	Prompt        string    `json:"prompt"`
	Chosen        string    `json:"chosen"`
	Rejected      string    `json:"rejected"`
	ChosenSpans   mask.Mask `json:"chosen_spans"`   // D⁺
	RejectedSpans mask.Mask `json:"rejected_spans"` // D⁻
	// Conversation are the messages that Prompt is the text of, where the row is
	// conversational.
	Conversation []Message `json:"prompt_messages,omitempty"`
}

// maxID bounds a pair's id, in bytes.
const maxID = 256

// Check says what is wrong with p.
func (p Pair) Check() error {
	if err := p.checkTexts(); err != nil {
		return err
	}
	return p.checkSpans()
}

func (p Pair) checkTexts() error {
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
	return nil
}

func (p Pair) checkSpans() error {
	if err := p.ChosenSpans.Check(p.Chosen); err != nil {
		return fmt.Errorf("pair %s: chosen_spans: %w", p.ID, err)
	}
	if err := p.RejectedSpans.Check(p.Rejected); err != nil {
		return fmt.Errorf("pair %s: rejected_spans: %w", p.ID, err)
	}
	return nil
}

// Spanned says whether p has spans: rows of others have none.
func (p Pair) Spanned() bool { return p.ChosenSpans.All || p.ChosenSpans.Spans != nil }

// WithSpans is p with spans: those that it has, if they fit, or the lines outside
// of the answers' longest common subsequence of lines.
func (p Pair) WithSpans() (Pair, error) {
	if p.Spanned() {
		return p, p.checkSpans()
	}
	minus, plus, err := mask.Diff(p.Rejected, p.Chosen, mask.Lines)
	if err != nil {
		return p, fmt.Errorf("pair %s: chosen and rejected: %w", p.ID, err)
	}
	p.ChosenSpans, p.RejectedSpans = mask.Mask{Spans: plus}, mask.Mask{Spans: minus}
	return p, nil
}

// NewPair makes a pair with spans.
func NewPair(id, prompt, chosen, rejected string) (Pair, error) {
	p, err := Pair{Version: pairVersion, ID: id, Prompt: prompt, Chosen: chosen, Rejected: rejected}.WithSpans()
	if err != nil {
		return Pair{}, err
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
	line   []byte
}

// NewPairReader reads the pairs of r, plain or gzipped, which errors call name.
// ReadPair says what a line may be. Of rows without spans, the id of one that is
// there already goes on with the number of its line: others name a task by it.
// Whether spans fit is looked at where they are used (WithSpans).
func NewPairReader(name string, r io.Reader) (*PairReader, error) {
	lines, err := jsonl.NewReader(name, r, jsonl.Bounds{Line: maxPair})
	return &PairReader{lines: lines, decode: ReadPair, called: "pair", seen: map[string]int{}}, err
}

// NewCorpusReader reads the rows of a corpus to learn by heart, as TRL has them:
// objects with prompt and completion; a row's id, if it has none, is its number.
// They become pairs whose answers are equal: only SFT, which never looks at the
// rejected one, takes them.
func NewCorpusReader(name string, r io.Reader) (*PairReader, error) {
	lines, err := jsonl.NewReader(name, r, jsonl.Bounds{Line: maxPair})
	return &PairReader{lines: lines, decode: decodeCorpus, called: "row", seen: map[string]int{}}, err
}

// Next returns the next pair, or io.EOF. Errors name the file and the line.
func (r *PairReader) Next() (Pair, error) {
	line, n, err := r.lines.Next()
	if err != nil {
		return Pair{}, err
	}
	r.line = line
	p, err := r.decode(line, n)
	if err == nil {
		err = p.checkTexts()
	}
	if err != nil {
		return Pair{}, r.Errorf("%w", err)
	}
	if r.seen[p.ID] != 0 && !p.Spanned() {
		p.ID = fmt.Sprintf("%s#%d", p.ID, n)
	}
	if first, ok := r.seen[p.ID]; ok {
		return Pair{}, r.Errorf("%s %s is in line %d already", r.called, p.ID, first)
	}
	r.seen[p.ID] = n
	return p, nil
}

// Line is the line of the pair that Next returned last, as it was written. It is
// valid until the next one.
func (r *PairReader) Line() []byte { return r.line }

// Errorf is an error about the pair that Next returned last, with file and line.
func (r *PairReader) Errorf(format string, args ...any) error { return r.lines.Errorf(format, args...) }

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
	if !p.Spanned() {
		return fmt.Errorf("pair %s: it has no spans yet", p.ID)
	}
	line, err := jsonl.Marshal(p)
	if err != nil {
		return fmt.Errorf("pair %s: %w", p.ID, err)
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
