package trainer

import (
	"fmt"

	"github.com/assay-dev/assay/trainer/mask"
	"github.com/assay-dev/assay/trainer/objective"
)

// Empty says what becomes of a pair whose mask on a side is empty: with nothing
// in D⁻, nothing would be pushed down.
type Empty string

const (
	Refuse  Empty = "refuse"  // an error that names the pair: the default
	Drop    Empty = "drop"    // left out and counted
	augment Empty = "augment" // a line of context where the other answer has more
	whole   Empty = "full"    // everything
)

// Choice is how pairs are masked for a run. The zero value of Mask, Context and
// Empty means line and refuse.
type Choice struct {
	Method    objective.Method
	Mask      mask.Kind // of the pairs that the method targets
	Symmetric bool      // the chosen answer is masked by D⁺ too
	Empty     Empty
	Seed      uint64 // decides sides of context and a hybrid's half, with the pair's id
}

// Counts say what became of the pairs.
type Counts struct {
	Pairs     int `json:"pairs"`     // read
	Kept      int `json:"kept"`      // rows of the run
	Full      int `json:"full"`      // rows whose rejected answer counts whole
	Targeted  int `json:"targeted"`  // rows whose mask is narrower
	Dropped   int `json:"dropped"`   // left out for an empty mask
	Augmented int `json:"augmented"` // given context for an empty mask
	Filled    int `json:"filled"`    // given everything for an empty mask
}

// Preparer masks pairs and counts them.
type Preparer struct {
	choice Choice
	Counts Counts
}

// NewPreparer checks a choice.
func NewPreparer(c Choice) (*Preparer, error) {
	if c.Mask == "" {
		c.Mask = mask.Line
	}
	if c.Empty == "" {
		c.Empty = Refuse
	}
	if err := c.Mask.Known(); err != nil {
		return nil, err
	}
	switch c.Empty {
	case Refuse, Drop, augment, whole:
	default:
		return nil, fmt.Errorf("nothing called %q is done about an empty mask: there are %s, %s, %s and %s", c.Empty, Refuse, Drop, augment, whole)
	}
	if c.Symmetric && c.Method.Target == objective.Nobody {
		return nil, fmt.Errorf("a symmetric mask needs a method that has a mask, and %s has none", c.Method.Name)
	}
	return &Preparer{choice: c}, nil
}

// Row returns the pair with the masks that its run uses in place of its spans;
// ok is false if it is to be left out.
func (r *Preparer) Row(p Pair) (row Pair, ok bool, err error) {
	r.Counts.Pairs++
	if p.ChosenSpans.All || p.RejectedSpans.All {
		return Pair{}, false, fmt.Errorf(`pair %s: spans are "all": it was made for one run, and D⁻ and D⁺ are gone from it`, p.ID)
	}
	row = p
	row.ChosenSpans, row.RejectedSpans = mask.All, mask.All
	if r.targets(p) {
		if row.ChosenSpans, row.RejectedSpans, ok, err = r.masks(p); err != nil || !ok {
			return Pair{}, false, err
		}
	}
	r.Counts.Kept++
	if row.RejectedSpans.All {
		r.Counts.Full++
	} else {
		r.Counts.Targeted++
	}
	return row, true, nil
}

func (r *Preparer) targets(p Pair) bool {
	switch r.choice.Method.Target {
	case objective.Everybody:
		return true
	case objective.Half:
		return mask.Seeded(r.choice.Seed, "hybrid", p.ID)(0)
	}
	return false
}

func (r *Preparer) masks(p Pair) (plus, minus mask.Mask, ok bool, err error) {
	if p, err = p.WithSpans(); err != nil {
		return plus, minus, false, fmt.Errorf("%w; leave the pair out, or choose a method that needs no spans (dpo, rpo)", err)
	}
	coin := mask.Seeded(r.choice.Seed, "context", p.ID)
	minus, plus, err = r.choice.Mask.Masks(p.Rejected, p.Chosen, p.RejectedSpans.Spans, p.ChosenSpans.Spans, coin)
	if err != nil {
		return plus, minus, false, fmt.Errorf("pair %s: %w", p.ID, err)
	}
	if !r.choice.Symmetric {
		plus = mask.All
	}
	if !minus.Empty() && !plus.Empty() {
		return plus, minus, true, nil
	}
	switch r.choice.Empty {
	case Drop:
		r.Counts.Dropped++
		return plus, minus, false, nil
	case whole:
		r.Counts.Filled++
		return all(plus), all(minus), true, nil
	case augment:
		moreMinus, morePlus, err := mask.ContextOfChanges(p.Rejected, p.Chosen, 1, coin)
		if err != nil {
			return plus, minus, false, fmt.Errorf("pair %s: %w", p.ID, err)
		}
		if minus.Empty() {
			minus.Spans = moreMinus
		}
		if plus.Empty() {
			plus.Spans = morePlus
		}
		if !minus.Empty() && !plus.Empty() {
			r.Counts.Augmented++
			return plus, minus, true, nil
		}
		return plus, minus, false, fmt.Errorf("pair %s: its mask is empty, and equal answers have no place to augment: leave it out, or choose empty=drop", p.ID)
	}
	return plus, minus, false, fmt.Errorf("pair %s: its %s mask is empty on the %s side, so nothing would be pushed there: choose empty=drop, augment or full", p.ID, r.choice.Mask, emptySide(minus))
}

func all(m mask.Mask) mask.Mask {
	if m.Empty() {
		return mask.All
	}
	return m
}

func emptySide(minus mask.Mask) objective.Side {
	if minus.Empty() {
		return objective.Rejected
	}
	return objective.Chosen
}
