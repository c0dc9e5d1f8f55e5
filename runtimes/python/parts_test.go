package python

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes"
)

func TestLongListsComeInParts(t *testing.T) {
	r := openShared(t)
	const source = "def f(n): return [b'x' if i == 2 else i for i in range(n)]"
	var got []string
	out, err := runCases(ctx, r, runtimes.Program{Source: source, Entry: "f", Part: 2}, counts(t, 5, 2, 0), runtimes.Limits{}, func(i int, res runtimes.Result) bool {
		v, err := decode(res)
		if err != nil {
			t.Errorf("input %d: %v", i, err)
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%d %v more=%v tagged=%v", i, v, res.More, res.Tagged)))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "outcome", out, runtimes.Outcome{Kind: runtimes.OK})
	want := []string{
		"0 [0 1] more=true tagged=false",
		"0 [x 3] more=true tagged=true",
		"0 [4] more=false tagged=false",
		"1 [0 1] more=false tagged=false",
		"2 [] more=false tagged=false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// counts makes an input of each number.
func counts(t *testing.T, ns ...int) []runtimes.Input {
	t.Helper()
	out := make([]runtimes.Input, len(ns))
	for i, n := range ns {
		out[i].Args = arguments(t, []byte(fmt.Sprintf("[%d]", n)))
	}
	return out
}
