package mask

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDiffOfLines holds the cases that the reference code gets wrong, and the
// corners of what a line is.
func TestDiffOfLines(t *testing.T) {
	for _, c := range []struct {
		name, rejected, chosen string
		minus, plus            []string
	}{
		{"one line", "a\nb\nc\n", "a\nB\nc\n", []string{"b\n"}, []string{"B\n"}},
		{"deletion only", "a\nc\n", "a\nb\nc\n", nil, []string{"b\n"}},
		{"insertion only", "a\nb\nc\n", "a\nc\n", []string{"b\n"}, nil},
		{"blank line", "a\n\nb\n", "a\nb\n", []string{"\n"}, nil},
		{"blank lines, no junk", "a\n\n\n\nb\n", "a\n\nb\n", []string{"\n\n"}, nil},
		{"twin lines", "x\nx\n", "x\n", []string{"x\n"}, nil},
		{"twin lines around", "x\ny\nx\n", "x\nx\n", []string{"y\n"}, nil},
		{"moved line", "a\nb\nc\n", "b\nc\na\n", []string{"a\n"}, []string{"a\n"}},
		{"CRLF only", "a\r\nb\n", "a\nb\n", []string{"a\r\n"}, []string{"a\n"}},
		{"CR is no line end", "a\rb\n", "a\rc\n", []string{"a\rb\n"}, []string{"a\rc\n"}},
		{"tabs", "if x:\n\ty\n", "if x:\n        y\n", []string{"\ty\n"}, []string{"        y\n"}},
		{"no final newline", "a\nb", "a\nb\n", []string{"b"}, []string{"b\n"}},
		{"trailing space", "a \nb\n", "a\nb\n", []string{"a \n"}, []string{"a\n"}},
		{"form feed", "a\fb\nc\n", "a\fB\nc\n", []string{"a\fb\n"}, []string{"a\fB\n"}},
		{"U+2028", "a\u2028b\nc\n", "a\u2028B\nc\n", []string{"a\u2028b\n"}, []string{"a\u2028B\n"}},
		{"wrong indent", "def f():\n  return 1\n", "def f():\n    return 1\n", []string{"  return 1\n"}, []string{"    return 1\n"}},
		{"several bytes a character", "é = 'ß'\nx\n", "é = 'ss'\nx\n", []string{"é = 'ß'\n"}, []string{"é = 'ss'\n"}},
		{"identical", "a\nb\n", "a\nb\n", nil, nil},
		{"empty rejected", "", "a\n", nil, []string{"a\n"}},
		{"both empty", "", "", nil, nil},
		{"fence", "```python\na\n```", "```python\nb\n```", []string{"a\n"}, []string{"b\n"}},
		{"missing fence", "```python\na\n", "```python\na\n```\n", nil, []string{"```\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			minus, plus, err := Diff(c.rejected, c.chosen, Lines)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, c.rejected, minus, c.minus)
			compare(t, c.chosen, plus, c.plus)
		})
	}
}

// compare shows spans as the text that they cover.
func compare(t *testing.T, text string, spans []Span, want []string) {
	t.Helper()
	if err := (Mask{Spans: spans}).Check(text); err != nil {
		t.Error(err)
	}
	var got []string
	for _, s := range spans {
		got = append(got, text[s.Start:s.End])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spans of %q (-want +got):\n%s", text, diff)
	}
}

func TestDiffOfWords(t *testing.T) {
	rejected, chosen := "for i in range(n):\n  s-=é1\n", "for i in range(n):\n    s+=é2 # x\n"
	minus, plus, err := Diff(rejected, chosen, Words)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, rejected, minus, []string{"  ", "-", "é1"})
	compare(t, chosen, plus, []string{"    ", "+", "é2 # x"})
}

func TestAffix(t *testing.T) {
	for _, c := range []struct{ rejected, chosen, minus, plus string }{
		{"a = f(x, y)\n", "a = f(y, x)\n", "x, y", "y, x"},
		{"aa", "aaa", "aa", "aaa"}, // words, not letters
		{"x x", "x x x", "", " x"}, // start and end don't overlap
		{"same", "same", "", ""},
	} {
		minus, plus := Affix(c.rejected, c.chosen, Words)
		compare(t, c.rejected, minus, some(c.minus))
		compare(t, c.chosen, plus, some(c.plus))
	}
}

func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func always(below bool) Coin { return func(int) bool { return below } }

func TestContext(t *testing.T) {
	const text = "0\n1\n2\n3\n4\n5\n"
	line := func(n int) Span { return Span{2 * n, 2*n + 2} }
	for _, c := range []struct {
		name  string
		spans []Span
		count int
		below bool
		want  []string
	}{
		{"above", []Span{line(2)}, 1, false, []string{"1\n2\n"}},
		{"below", []Span{line(2)}, 1, true, []string{"2\n3\n"}},
		{"two above", []Span{line(2)}, 2, false, []string{"0\n1\n2\n"}},
		{"at the start", []Span{line(0)}, 2, false, []string{"0\n1\n2\n"}},
		{"at the end", []Span{line(5)}, 1, true, []string{"4\n5\n"}},
		{"two runs meet", []Span{line(1), line(3)}, 1, false, []string{"0\n1\n2\n3\n"}},
		{"part of a line", []Span{{4, 5}}, 1, false, []string{"1\n2\n"}},
		{"two spans of a line", []Span{{4, 5}, {5, 6}}, 1, true, []string{"2\n3\n"}},
		{"nothing", nil, 2, true, nil},
		{"everything", []Span{{0, 12}}, 2, true, []string{text}},
	} {
		t.Run(c.name, func(t *testing.T) {
			compare(t, text, Context(text, c.spans, c.count, always(c.below)), c.want)
		})
	}
}

// TestContextOfChanges: where D⁻ is empty there is a place for it nonetheless.
func TestContextOfChanges(t *testing.T) {
	rejected, chosen := "a\nc\n", "a\nb\nc\n"
	minus, plus, err := ContextOfChanges(rejected, chosen, 1, always(false))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, rejected, minus, []string{"a\n"})
	compare(t, chosen, plus, []string{"a\nb\n"})
	minus, _, err = ContextOfChanges("same\n", "same\n", 1, always(false))
	if err != nil || len(minus) != 0 {
		t.Errorf("equal texts have context: %v, %v", minus, err)
	}
}

func TestTokens(t *testing.T) {
	// "if x:\n" + "  y\n": a token of GPT-2's kind holds the line end and the
	// indentation.
	offsets := []Span{{0, 2}, {2, 4}, {4, 5}, {5, 8}, {8, 9}, {9, 10}, {10, 10}}
	second := Mask{Spans: []Span{{6, 10}}}
	for _, c := range []struct {
		name string
		mask Mask
		rule Rule
		want string
	}{
		{"overlap takes the token before an indentation", second, Overlap, "0001110"},
		{"owner doesn't", second, Owner, "0000110"},
		{"all takes the token without text", All, Overlap, "1111111"},
		{"nothing", Mask{}, Overlap, "0000000"},
		{"one byte inside of a token", Mask{Spans: []Span{{6, 7}}}, Overlap, "0001000"},
		{"and by owner", Mask{Spans: []Span{{6, 7}}}, Owner, "0000000"},
		{"spans that touch a token from outside", Mask{Spans: []Span{{0, 5}, {8, 9}}}, Overlap, "1110100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tokens, err := c.mask.Tokens(c.rule, offsets)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Builder{}
			for _, in := range tokens {
				got.WriteByte("01"[map[bool]int{true: 1}[in]])
			}
			if got.String() != c.want {
				t.Errorf("got %s, want %s", got.String(), c.want)
			}
		})
	}
	if _, err := All.Tokens("nearest", offsets); err == nil || !strings.Contains(err.Error(), "overlap and owner") {
		t.Errorf("an unknown rule: %v", err)
	}
}

func TestCheck(t *testing.T) {
	for want, spans := range map[string][]Span{
		"is empty":         {{1, 1}},
		"outside":          {{0, 4}},
		"overlaps":         {{0, 2}, {1, 3}},
		"cuts a character": {{0, 1}},
	} {
		if err := (Mask{Spans: spans}).Check("éa"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", spans, err, want)
		}
	}
	if err := (Mask{Spans: []Span{{-1, 2}}}).Check("éa"); err == nil {
		t.Error("a negative start passed")
	}
}

func TestTooDifferent(t *testing.T) {
	a, b := strings.Repeat("a\n", 5000), strings.Repeat("b\n", 5000)
	if _, _, err := Diff(a, b, Lines); err == nil || !strings.Contains(err.Error(), "5000 by 5000") {
		t.Errorf("got %v", err)
	}
}
