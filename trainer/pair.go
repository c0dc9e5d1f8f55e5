package trainer

import (
	"errors"
	"fmt"

	"github.com/assay-dev/assay/trainer/mask"
)

// PairVersion is the version of the form of a line of pairs.
const PairVersion = 1

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
	case p.Version != PairVersion:
		return fmt.Errorf("version is %d: this program reads version %d", p.Version, PairVersion)
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
		Version: PairVersion, ID: id, Prompt: prompt, Chosen: chosen, Rejected: rejected,
		ChosenSpans: mask.Mask{Spans: plus}, RejectedSpans: mask.Mask{Spans: minus},
	}
	return p, p.Check()
}
