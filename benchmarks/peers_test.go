package benchmarks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/testkit"
	"github.com/assay-dev/assay/internal/value"
)

// peers runs evalplus itself: ASSAY_PEERS names a Python that has evalplus 0.3.1
// installed, 1 means python3.
func peers(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	python := os.Getenv("ASSAY_PEERS")
	switch python {
	case "":
		t.Skip("not held against evalplus: set ASSAY_PEERS to a Python that has evalplus 0.3.1")
	case "1":
		python = "python3"
	}
	cmd := exec.Command(python, append([]string{filepath.Join("testdata", "peers.py")}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return string(out)
}

// TestPeersInputs holds every input of MBPP+ against evalplus's own.
func TestPeersInputs(t *testing.T) {
	for spec, file := range map[string]string{
		"mbpp+":        "MbppPlus.jsonl.gz",
		"mbpp+@v0.1.0": "MbppPlus-v0.1.0.jsonl.gz",
	} {
		t.Run(spec, func(t *testing.T) {
			var lines strings.Builder
			n := 0
			for _, p := range openShared(t, spec).Problems {
				for k := range p.Sets {
					inputs, err := p.Sets[k].Inputs()
					if err != nil {
						t.Fatal(err)
					}
					for i, in := range inputs {
						fmt.Fprintf(&lines, "%s\t%s\t%d\t%s\n", p.ID, p.Sets[k].Name, i, value.Repr(value.List(in), 1<<24))
						n++
					}
				}
			}
			got := peers(t, lines.String(), "inputs", filepath.Join(testkit.Data(t), "mbppplus", file))
			if want := fmt.Sprintf("compared %d of %d\n", n, n); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestPeersScripts runs every test program on its canonical solution, in plain
// Python, with what the trusted instance will have.
func TestPeersScripts(t *testing.T) {
	for spec, want := range map[string]string{
		"humaneval":      "ran\n",
		"mbpp":           "ran\n",
		"mbpp-sanitized": "ran\n",
	} {
		t.Run(spec, func(t *testing.T) {
			var lines strings.Builder
			for _, p := range openShared(t, spec).Problems {
				err := json.NewEncoder(&lines).Encode(map[string]any{
					"id": p.ID, "entry": p.EntryPoint, "canonical": p.Canonical,
					"helpers": p.Helpers, "test": p.Test, "shared": p.Oracle == Unittest,
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if got := peers(t, lines.String(), "scripts"); got != want {
				t.Errorf("got %s", got)
			}
		})
	}
}

// TestPeersRules holds the table and random values against evalplus's own check.
func TestPeersRules(t *testing.T) {
	cases := append(ruleCases(), randomCases(300)...)
	var lines strings.Builder
	for _, c := range cases {
		if err := json.NewEncoder(&lines).Encode(c.forPeers()); err != nil {
			t.Fatal(err)
		}
	}
	answers := strings.Split(strings.TrimSpace(peers(t, lines.String(), "rules")), "\n")
	if len(answers) != len(cases) {
		t.Fatalf("%d answers to %d cases", len(answers), len(cases))
	}
	for i, c := range cases {
		var want []bool
		if err := json.Unmarshal([]byte(answers[i]), &want); err != nil {
			t.Fatal(err)
		}
		if c.rule.Special == findZero {
			continue // which 0.3.1 does not record
		}
		if got := c.judge(t, Evalplus031); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, evalplus says %v: %v", c.name, got, want, c.forPeers())
		}
	}
}

// randomCases makes cases whose values are close to each other or nearly of one
// shape.
func randomCases(n int) []ruleCase {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]ruleCase, n)
	for i := range out {
		c := ruleCase{name: fmt.Sprintf("random %d", i), entry: "f", rule: Rule{Atol: []float64{0, 0, 1e-6, 0.5}[r.IntN(4)]}}
		for range 4 {
			v := randomValue(r, 3)
			c.inputs = append(c.inputs, nil)
			c.expected = append(c.expected, v)
			c.actual = append(c.actual, nearly(r, v))
		}
		out[i] = c
	}
	return out
}

func randomValue(r *rand.Rand, depth int) value.Value {
	switch k := r.IntN(12); {
	case k < 3 && depth > 0:
		items := make([]value.Value, r.IntN(4))
		for i := range items {
			items[i] = randomValue(r, depth-1)
			if i > 0 && r.IntN(3) > 0 {
				items[i] = nearly(r, items[0])
			}
		}
		if k == 0 {
			return value.Tuple(items)
		}
		return value.List(items)
	case k < 8:
		return value.Float(float64(r.IntN(5)) / 2)
	case k == 8:
		return value.Bool(r.IntN(2) == 0)
	case k == 9:
		return value.Str("a")
	case k == 10:
		return value.Complex(complex(float64(r.IntN(2)), 1))
	}
	return value.Small(int64(r.IntN(4)))
}

// nearly changes a value a little, or not at all.
func nearly(r *rand.Rand, v value.Value) value.Value {
	switch v := v.(type) {
	case value.Float:
		return v + value.Float([]float64{0, 1e-9, 4e-7, 1e-5, 0.25}[r.IntN(5)])
	case value.Small:
		if r.IntN(3) == 0 {
			return value.Float(float64(v))
		}
	case value.List:
		items := make(value.List, len(v))
		for i := range v {
			items[i] = nearly(r, v[i])
		}
		if len(items) > 0 && r.IntN(8) == 0 {
			items = items[:1]
		}
		return items
	case value.Tuple:
		items := make(value.Tuple, len(v))
		for i := range v {
			items[i] = nearly(r, v[i])
		}
		return items
	}
	return v
}
