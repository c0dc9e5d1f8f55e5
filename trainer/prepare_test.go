package trainer

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/trainer/mask"
	"github.com/assay-dev/assay/trainer/objective"

	"github.com/google/go-cmp/cmp"
)

func choice(t *testing.T, method string) Choice {
	t.Helper()
	m, err := objective.MethodNamed(method)
	if err != nil {
		t.Fatal(err)
	}
	return Choice{Method: m}
}

func prepare(t *testing.T, c Choice, rejected, chosen string) (Pair, Counts, error) {
	t.Helper()
	p, err := NewPair("a", "p", chosen, rejected)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewPreparer(c)
	if err != nil {
		t.Fatal(err)
	}
	row, _, err := r.Row(p)
	return row, r.Counts, err
}

func spans(ends ...int) mask.Mask {
	m := mask.Mask{Spans: []mask.Span{}}
	for i := 0; i < len(ends); i += 2 {
		m.Spans = append(m.Spans, mask.Span{Start: ends[i], End: ends[i+1]})
	}
	return m
}

func TestRows(t *testing.T) {
	for _, c := range []struct {
		name, method string
		mask         mask.Kind
		symmetric    bool
		minus, plus  mask.Mask
	}{
		{"the default is lines", "target-rpo", "", false, spans(2, 5), mask.All},
		{"symmetric", "target-rpo", "", true, spans(2, 5), spans(2, 4)},
		{"words", "target-dpo", mask.Token, true, spans(2, 3), spans()},
		{"DPO has none", "dpo", mask.Token, false, mask.All, mask.All},
		{"SFT has none", "sft", "", false, mask.All, mask.All},
		{"the whole mask", "target-rpo", mask.Full, true, mask.All, mask.All},
	} {
		t.Run(c.name, func(t *testing.T) {
			choice := choice(t, c.method)
			choice.Mask, choice.Symmetric, choice.Empty = c.mask, c.symmetric, whole
			row, counts, err := prepare(t, choice, "a\n b\nc\n", "a\nb\nc\n")
			if err != nil {
				t.Fatal(err)
			}
			if c.plus.Empty() {
				c.plus = mask.All // as Whole says
			}
			if diff := cmp.Diff(c.minus, row.RejectedSpans) + cmp.Diff(c.plus, row.ChosenSpans); diff != "" {
				t.Error(diff)
			}
			if counts.Pairs != 1 || counts.Kept != 1 || counts.Full+counts.Targeted != 1 {
				t.Errorf("counts are %+v", counts)
			}
		})
	}
}

// TestEmptyMasks: the rejected answer only lacks a line.
func TestEmptyMasks(t *testing.T) {
	const rejected, chosen = "a\nc\n", "a\nb\nc\n"
	c := choice(t, "target-rpo")
	_, _, err := prepare(t, c, rejected, chosen)
	if err == nil || !strings.Contains(err.Error(), "pair a: its line mask is empty on the rejected side") || !strings.Contains(err.Error(), "empty=drop") {
		t.Errorf("refused with %v", err)
	}
	c.Empty = Drop
	if _, counts, err := prepare(t, c, rejected, chosen); err != nil || counts != (Counts{Pairs: 1, Dropped: 1}) {
		t.Errorf("dropped: %+v, %v", counts, err)
	}
	c.Empty = whole
	if row, counts, err := prepare(t, c, rejected, chosen); err != nil || !row.RejectedSpans.All || counts.Filled != 1 {
		t.Errorf("filled: %+v, %+v, %v", row, counts, err)
	}
	c.Empty = augment
	row, counts, err := prepare(t, c, rejected, chosen)
	if err != nil || counts.Augmented != 1 || len(row.RejectedSpans.Spans) != 1 {
		t.Errorf("augmented: %+v, %+v, %v", row, counts, err)
	}
	if _, _, err := prepare(t, c, chosen, chosen); err == nil || !strings.Contains(err.Error(), "equal answers") {
		t.Errorf("equal answers: %v", err)
	}
	c.Symmetric, c.Empty = true, Refuse
	if _, _, err := prepare(t, c, chosen, rejected); err == nil || !strings.Contains(err.Error(), "on the chosen side") {
		t.Errorf("an empty D⁺: %v", err)
	}
}

// TestHalf: a hybrid targets about half of the pairs, always the same ones,
// whichever others there are.
func TestHalf(t *testing.T) {
	c := choice(t, "hybrid")
	targeted := 0
	for i := range 400 {
		p, err := NewPair(strings.Repeat("x", i%20+1)+string(rune('a'+i/20)), "p", "a\n", "b\n")
		if err != nil {
			t.Fatal(err)
		}
		alone, err := NewPreparer(c)
		if err != nil {
			t.Fatal(err)
		}
		row, _, err := alone.Row(p)
		if err != nil {
			t.Fatal(err)
		}
		if again, _, _ := alone.Row(p); !cmp.Equal(row, again) {
			t.Fatalf("%s is masked in two ways", p.ID)
		}
		if !row.RejectedSpans.All {
			targeted++
		}
	}
	if targeted < 160 || targeted > 240 {
		t.Errorf("%d of 400 are targeted", targeted)
	}
}

func TestBadChoices(t *testing.T) {
	for want, change := range map[string]func(*Choice){
		`no mask is called "lines": there are full, line`: func(c *Choice) { c.Mask = "lines" },
		`nothing called "skip"`:                           func(c *Choice) { c.Empty = "skip" },
		"rpo has none":                                    func(c *Choice) { *c = choice(t, "rpo"); c.Symmetric = true },
	} {
		c := choice(t, "target-rpo")
		change(&c)
		if _, err := NewPreparer(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	r, err := NewPreparer(choice(t, "target-rpo"))
	if err != nil {
		t.Fatal(err)
	}
	row := Pair{Version: 1, ID: "a", Prompt: "p", Chosen: "a", Rejected: "b", ChosenSpans: mask.All}
	if _, _, err := r.Row(row); err == nil || !strings.Contains(err.Error(), "made for one run") {
		t.Errorf("a row of a run as a pair: %v", err)
	}
}

// TestSpansAreForMasks: what has no mask never looks at spans, and texts that
// can't be compared, or spans that don't fit, are no fault of it.
func TestSpansAreForMasks(t *testing.T) {
	lines := func(s string) string { return strings.Repeat(s+"\n", 5000) }
	wild := Pair{Version: 1, ID: "a", Prompt: "p", Chosen: lines("x"), Rejected: lines("y")}
	outside := Pair{Version: 1, ID: "a", Prompt: "p", Chosen: "x", Rejected: "y", ChosenSpans: spans(0, 9), RejectedSpans: spans(0, 9)}
	for method, refuses := range map[string]bool{"sft": false, "sft-incorrect": false, "dpo": false, "rpo": false, "target-dpo": true, "target-rpo": true} {
		for says, p := range map[string]Pair{"differ in too much": wild, "is outside of the text": outside} {
			r, err := NewPreparer(choice(t, method))
			if err != nil {
				t.Fatal(err)
			}
			row, ok, err := r.Row(p)
			switch {
			case refuses && (err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "choose a method that needs no spans")):
				t.Errorf("%s: %v, want %s", method, err, says)
			case !refuses && (err != nil || !ok || !row.RejectedSpans.All || !row.ChosenSpans.All):
				t.Errorf("%s: %v, %v, %v", method, row.RejectedSpans, ok, err)
			}
		}
	}
	r, err := NewPreparer(choice(t, "target-rpo"))
	if err != nil {
		t.Fatal(err)
	}
	row, _, err := r.Row(Pair{Version: 1, ID: "a", Prompt: "p", Chosen: "x\ny\n", Rejected: "x\nz\n"})
	if err != nil || !cmp.Equal(row.RejectedSpans, spans(2, 4)) {
		t.Errorf("computed: %+v, %v", row.RejectedSpans, err)
	}
}
