package benchmarks

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/testkit"
)

func TestOutputRules(t *testing.T) {
	lines, tokens, exact := OutputRule{Name: Lines}, OutputRule{Name: Tokens}, OutputRule{Name: Exact}
	near := OutputRule{Name: Tokens, Tolerance: 1e-6}
	contest := OutputRule{Name: Tokens, Tolerance: 1e-5, IgnoreCase: true}
	for _, c := range []struct {
		rule             OutputRule
		expected, actual string
		detail           string // "" for equal
	}{
		{lines, "1 2\n3\n", "\n 1 2 \n3", ""},
		{lines, "1 2\n3\n", "1  2\n3\n", ""}, // words that are numbers
		{lines, "a b\n", "a  b\n", "line 1 differs"},
		{lines, "1\n2\n", "1\n\n2\n", "3 lines, want 2"},
		{lines, "1\n2\n", "1 2\n", "1 lines, want 2"},
		{lines, "YES\n", "Yes\n", "line 1 differs"},
		{lines, "0.5\n", ".50", ""},
		{lines, "0.5\n", "0.5000000001", "line 1 differs"},
		{lines, "1e3\n", "1000", ""},
		{lines, "", "\n\n", ""},
		{lines, "", "x", "line 1 differs"},
		{lines, "a\r\nb\r\n", "a\nb\n", ""},
		{lines, "nan", "NaN", "line 1 differs"},
		{lines, "nan", "nan", ""},
		{tokens, "a b\nc\n", " a\nb c", ""},
		{tokens, "a b\n", "a\n", "1 words, want 2"},
		{tokens, "a b\n", "a c d\n", "word 2 differs"},
		{tokens, "0.5\n", "0.50\n", "word 1 differs"},
		{near, "0.5 x\n", "0.5000004 x\n", ""},
		{near, "0.5\n", "0.500002\n", "word 1 differs"},
		{near, "2000000.0\n", "2000001\n", ""},
		{near, "2000000\n", "2000001\n", "word 1 differs"},
		{near, "1000000000000000000\n", "1000000000000000001\n", "word 1 differs"},
		{near, "3\n", "3.0\n", ""},
		{near, "3\n", "3.0000001\n", "word 1 differs"},
		{contest, "YES 0.5\nno\n", "Yes\n0.500001 NO", ""},
		{contest, "É\n", "é\n", "word 1 differs"},
		{near, "x\n", "y\n", "word 1 differs"},
		{near, "0.5\n", "5e-1", ""},
		{near, "0.5\n", "+.5E0", ""},
		{near, "5.\n", "5.0000001", ""},
		{near, "0.5\n", "0x1p-1", "word 1 differs"},
		{near, "0x1p-1\n", "0.5", "word 1 differs"},
		{near, "0x1p-1\n", "0x1p-1", ""}, // the same word
		{near, "10.0\n", "1_0.0", "word 1 differs"},
		{near, "10\n", "1_0", "word 1 differs"},
		{near, "3\n", "3_", "word 1 differs"},
		{near, "3\n", "٣", "word 1 differs"},
		{near, "3.0\n", "３.0", "word 1 differs"},
		{near, "1.0\n", "1.0f", "word 1 differs"},
		{near, "1.0\n", "1,0", "word 1 differs"},
		{near, "1.0\n", "1.0e", "word 1 differs"},
		{near, "1.0\n", "nan", "word 1 differs"},
		{near, "1.0\n", "inf", "word 1 differs"},
		{near, "1e400\n", "1e401", "word 1 differs"},
		{near, "inf\n", "infinity", "word 1 differs"},
		{near, "inf\n", "1e400\n", "word 1 differs"},
		{near, "nan\n", "NaN\n", "word 1 differs"},
		{exact, "a \nb\n", "a \nb\n\n ", ""},
		{exact, "a \nb\n", "a\nb\n", "line 1 differs"},
		{exact, "a\nb\n", "a\nb\nc\n", "line 3 differs"},
		{exact, "a", " a", "line 1 differs"},
	} {
		same, detail := c.rule.Equal(c.expected, c.actual)
		if same != (c.detail == "") || detail != c.detail {
			t.Errorf("%s: %q, %q: %v, %q, want %q", c.rule.Name, c.expected, c.actual, same, detail, c.detail)
		}
	}
	for _, r := range []OutputRule{{}, {Name: "lined"}, {Name: Lines, Tolerance: 1}, {Name: Tokens, Tolerance: -1}, {Name: Exact, IgnoreCase: true}} {
		if r.check() == nil {
			t.Errorf("%+v is taken", r)
		}
	}
}

// words are what lines of the comparison with Python are made of.
var words = strings.Split("0|-0|+0|00|1|1.0|1.|.1|0.1|1e0|1E+1|10|1e-1|1_0|__1|1__|٣|3|𝟛|x|1x|e1|1e|1e+|1e++1|--1|+-1|.|-.|+|_|inf|Infinity|-inf|INF|in_f|infin|nan|-NaN|sNaN|nan12|nan1x|NaN_1|"+
	"1e999999999999999999|1e1000000000000000000|10e999999999999999998|1e-999999999999999999|1e-1000000000000000000|0e99999999999999999999999|0e999999999999999999|0e1000000000000000000|1e-1999999999999999997|1e-1999999999999999998|123e999999999999999997|123e999999999999999998|1.00e-1999999999999999995|1.0e-1999999999999999997|1e"+strings.Repeat("9", 60)+"|"+
	"0.000|100|1e2|1.00e2|123456789012345678901234567890|123456789012345678901234567891|1٠|½|²|İ|0x10|1,0|True", "|")

// spaces are what separates them: what Python takes for space, and what not.
var spaces = strings.Split(" |  |\t|\n|\n\n|\r\n|\x0b|\x0c|\x1c|\x1f|\u0085|\u00a0|\u2003|\u2028|\u3000|\u200b|\ufeff|", "|")

// TestOutputAgreesWithPython holds the rule "lines" against Python's own
// strings and decimals, and against the peer's functions where ASSAY_LCB names
// its testing_util.py.
func TestOutputAgreesWithPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		testkit.Missing(t, "no Python to compare with: %v", err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		var b strings.Builder
		for range random.IntN(4) {
			b.WriteString(spaces[random.IntN(len(spaces))] + words[random.IntN(len(words))])
		}
		return b.String() + spaces[random.IntN(len(spaces))]
	}
	var in bytes.Buffer
	var pairs [][2]string
	add := func(a, b string) {
		pairs = append(pairs, [2]string{a, b})
		line, _ := json.Marshal(pairs[len(pairs)-1])
		in.Write(append(line, '\n'))
	}
	for _, a := range words {
		for _, b := range words {
			add(a, b)
		}
	}
	for range 20_000 {
		a := text()
		b := text()
		if random.IntN(2) == 0 {
			b = strings.Replace(a, spaces[random.IntN(len(spaces))], spaces[random.IntN(len(spaces))], 1)
		}
		add(a, b)
	}
	args := []string{filepath.Join("testdata", "stdout.py")}
	if peer := os.Getenv("ASSAY_LCB"); peer != "" {
		args = append(args, peer)
	}
	cmd := exec.Command(python, args...)
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var want []bool
	if err := json.Unmarshal(out, &want); err != nil || len(want) != len(pairs) {
		t.Fatalf("%d answers to %d pairs: %v", len(want), len(pairs), err)
	}
	equal := 0
	for i, p := range pairs {
		got, _ := OutputRule{Name: Lines}.Equal(p[0], p[1])
		if got != want[i] {
			t.Errorf("%q, %q: %v, Python says %v", p[0], p[1], got, want[i])
		}
		if got {
			equal++
		}
	}
	if equal < 1000 || equal > len(pairs)-1000 {
		t.Errorf("%d of %d pairs are equal: too one-sided to say much", equal, len(pairs))
	}
}

// FuzzLines: equality is symmetric, and nothing is equal to what has another
// number of lines.
func FuzzLines(f *testing.F) {
	f.Add("1 2\n", "1.0 2")
	f.Add("nan", "1e99999999999999999999")
	f.Fuzz(func(t *testing.T, a, b string) {
		rule := OutputRule{Name: Lines}
		ab, _ := rule.Equal(a, b)
		ba, _ := rule.Equal(b, a)
		if ab != ba {
			t.Errorf("%q, %q: %v and %v", a, b, ab, ba)
		}
		if same, _ := rule.Equal(a, a); !same {
			t.Errorf("%q is not equal to itself", a)
		}
		if ab && len(strippedLines(a)) != len(strippedLines(b)) {
			t.Errorf("%q is equal to %q", a, b)
		}
	})
}
