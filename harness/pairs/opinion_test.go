package pairs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/assay-dev/assay/harness/model"
)

func TestParseOpinion(t *testing.T) {
	for answer, want := range map[string][2]bool{
		"Verdict: surface":                            {true, true},
		"The names differ.\n\nVerdict: surface \n":    {true, true},
		"It adds one.\nVerdict: behaviour":            {false, true},
		"":                                            {false, false},
		"surface":                                     {false, false},
		"Verdict: Surface":                            {false, false},
		"Verdict: surface.":                           {false, false},
		"**Verdict: surface**":                        {false, false},
		"Verdict: surface or behaviour":               {false, false},
		"Verdict: surface\nVerdict: behaviour":        {false, false},
		"Verdict: behaviour\nThat is what I think.":   {false, false},
		"A line like Verdict: surface in the middle.": {false, false},
	} {
		if surface, ok := parseOpinion(answer); surface != want[0] || ok != want[1] {
			t.Errorf("%q: %v, %v", answer, surface, ok)
		}
	}
}

// opinions answers by what a program says of itself.
type opinions struct {
	mu   sync.Mutex
	sent int
}

func (o *opinions) Identity() string { return "test:opinions" }

func (o *opinions) Complete(_ context.Context, r model.Request) (model.Answer, error) {
	o.mu.Lock()
	o.sent++
	o.mu.Unlock()
	text := r.Messages[0].Content
	answer := "Verdict: behaviour"
	switch {
	case strings.Contains(text, "renamed"):
		answer = "Only a name.\nVerdict: surface"
	case strings.Contains(text, "unclear"):
		answer = "I can't say."
	case strings.Contains(text, "refused"):
		return model.Answer{}, model.Errorf(model.Refused, "too rude")
	}
	return model.Answer{Texts: []model.Text{{Text: answer, Finish: model.Stop}}}, nil
}

// judged makes pairs with a judge model, from a log beside them.
func judged(t *testing.T, cfg Config, o *opinions) (*Card, error) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(cfg.Out), 0o755); err != nil {
		t.Fatal(err)
	}
	log, err := model.OpenLog(LogPath(cfg.Out), o.Identity(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cfg.Judge, cfg.JudgeModel = model.New(model.Config{Backend: o, Log: log, Attempts: 1}), "m"
	return Make(t.Context(), cfg)
}

// TestJudge: it is asked last, once for each pair, and never again.
func TestJudge(t *testing.T) {
	cfg := configFor(t, writeTraces(t,
		way("T/1", "x = 1\n", "y = 2\n"), way("T/2", "renamed = 1\n", "name = 1\n"),
		way("T/3", "unclear = 1\n", "z = 3\n"), way("T/4", "# why\nrenamed = 4\n", "renamed = 4\n")))
	o := &opinions{}
	card, err := judged(t, cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	n := card.Counts
	if o.sent != 3 || n.Kept != 2 || n.Undecided != 1 || n.Filters[5] != (Filtered{Surface, 1, 2}) || card.Backend != "test:opinions" {
		t.Errorf("%d sent: %+v", o.sent, card)
	}
	first := read(t, cfg.Out) + read(t, CardPath(cfg.Out))
	if _, err := judged(t, cfg, o); err != nil || o.sent != 3 || read(t, cfg.Out)+read(t, CardPath(cfg.Out)) != first {
		t.Errorf("the second time %d were sent in all, %v", o.sent, err)
	}
}

// TestUnjudged: without an answer nothing is written, and nothing is lost.
func TestUnjudged(t *testing.T) {
	cfg := configFor(t, writeTraces(t, way("T/1", "x = 1\n", "y = 2\n"), way("T/2", "refused = 1\n", "z = 2\n")))
	o := &opinions{}
	for want := range 2 {
		_, err := judged(t, cfg, o)
		if err == nil || !strings.Contains(err.Error(), "1 pairs have no answer of the judge model, the first one because of pair/T/2#0#0: too rude") {
			t.Errorf("got %v", err)
		}
		if o.sent != 2+want { // the first pair's answer is kept
			t.Errorf("%d sent", o.sent)
		}
		if _, err := os.Stat(cfg.Out); err == nil {
			t.Error("pairs were written")
		}
	}
}
