package llama

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/tokenizer"
)

// chancy is a model that knows nothing, but isn't sure of it either.
func chancy(t *testing.T) *Model {
	t.Helper()
	dir := t.TempDir()
	v, err := tokenizer.OfCorpus(nil, tokenizer.LeastVocabulary)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Small(v.Size+7, v.End, 2, 16, 2, 64) // a few logits that are no tokens
	if err != nil {
		t.Fatal(err)
	}
	w := New[float32](c, 3)
	for i := range w.Data[0] {
		w.Data[0][i] *= 20
	}
	if err := errors.Join(Save(w, dir), v.Write(dir)); err != nil {
		t.Fatal(err)
	}
	m, err := OpenModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func write(t *testing.T, m *Model, o Options) []Written {
	t.Helper()
	out, n, err := m.Write(t.Context(), "def f", o)
	if err != nil || n != 5 {
		t.Fatal(n, err)
	}
	return out
}

func TestWrite(t *testing.T) {
	m := chancy(t)
	o := Options{Temperature: 1, MaxTokens: 20, Seeds: []uint64{1, 2, 3, 1}}
	all := write(t, m, o)
	if all[0] != all[3] || all[0] == all[1] {
		t.Errorf("equal seeds: %q, %q; others: %q", all[0].Text, all[3].Text, all[1].Text)
	}
	for i, seed := range o.Seeds { // alone as in company
		o := o
		o.Seeds = []uint64{seed}
		if alone := write(t, m, o); alone[0] != all[i] {
			t.Errorf("%q alone, %q in company", alone[0].Text, all[i].Text)
		}
		if !utf8.ValidString(all[i].Text) || all[i].Tokens > 20 || !all[i].Ended && all[i].Tokens != 20 {
			t.Errorf("%+v", all[i])
		}
	}
	o = Options{Seeds: []uint64{1, 2}}
	if greedy := write(t, m, o); greedy[0] != greedy[1] || !greedy[0].Ended && greedy[0].Tokens != 59 {
		t.Errorf("greedy: %+v", greedy)
	}
	whole := write(t, m, Options{Temperature: 1, MaxTokens: 40, Seeds: []uint64{5}})[0]
	at := 2 + strings.IndexFunc(whole.Text[2:], func(r rune) bool { return r < utf8.RuneSelf })
	if at < 2 {
		t.Fatalf("%q is not as chancy as it should be", whole.Text)
	}
	stop := whole.Text[at : at+1]
	cut := write(t, m, Options{Temperature: 1, MaxTokens: 40, Seeds: []uint64{5}, Stop: []string{"", "not there", stop}})[0]
	if want := whole.Text[:strings.Index(whole.Text, stop)]; cut.Text != want || !cut.Ended {
		t.Errorf("up to %q: %+v, want %q", stop, cut, want)
	}
}

func TestRefusals(t *testing.T) {
	m := chancy(t)
	var long *tooLongError
	if _, _, err := m.Write(t.Context(), strings.Repeat("x", 64), Options{Seeds: []uint64{1}}); !errors.As(err, &long) || long.Tokens != 64 {
		t.Errorf("%v", err)
	}
	if _, _, err := m.Write(t.Context(), "", Options{Seeds: []uint64{1}}); !errors.Is(err, errNothing) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := m.Write(ctx, "a", Options{Seeds: []uint64{1}}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := OpenModel(t.TempDir()); err == nil {
		t.Error("a folder without a model")
	}
}

// TestPick: chance picks as often as the softmax says, and only of the nucleus.
func TestPick(t *testing.T) {
	logits := []float32{0, 2, 1, -50, 1}
	const n = 40000
	for _, c := range []struct{ temperature, topP float64 }{{1, 0}, {0.5, 1}, {1, 0.5}, {1, 0.75}} {
		want := make([]float64, len(logits))
		sum := 0.0
		for i, x := range logits {
			want[i] = math.Exp(float64(x) / c.temperature)
			sum += want[i]
		}
		for i := range want {
			want[i] /= sum
		}
		switch c.topP { // shares are 0.07, 0.53, 0.20, 0, 0.20
		case 0.5:
			want = []float64{0, 1, 0, 0, 0}
		case 0.75: // of equal ones the first, until there is enough
			a, b := want[1], want[2]
			want = []float64{0, a / (a + 2*b), b / (a + 2*b), 0, b / (a + 2*b)}
		}
		counts := make([]float64, len(logits))
		chance := rand.New(rand.NewPCG(1, 2))
		for range n {
			counts[pick(logits, Options{Temperature: c.temperature, TopP: c.topP}, chance)]++
		}
		for i := range counts {
			if math.Abs(counts[i]/n-want[i]) > 0.01 {
				t.Errorf("%+v: token %d has %v, want %v", c, i, counts[i]/n, want[i])
			}
		}
	}
	if pick([]float32{1, 3, 3}, Options{}, nil) != 1 {
		t.Error("of equal ones the first")
	}
}

func TestFirstStop(t *testing.T) {
	for _, c := range []struct {
		text  string
		from  int
		stops []string
		want  int
	}{
		{"abc", 0, nil, -1}, {"abcd", 2, []string{"bc"}, 1}, {"abcd", 3, []string{"bc"}, -1}, {"abcd", 3, []string{"d", "cd"}, 2},
	} {
		if got := firstStop(c.text, c.from, c.stops); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
