package run

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

func TestShow(t *testing.T) {
	cfg, _ := config(t, 2, 1)
	mustRun(t, cfg)
	stored, err := Load(t.Context(), cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	records, err := stored.Find("T/1#0")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := stored.Show(&b, records[0]); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"T/1  sample 0  wrong_answer (base pass, plus wrong_answer)", "   1  wrong_answer 1 0", "-- input 3 of plus", `\x1b[31m`, "-- expected\n2\n", "-- actual\n3\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	for _, name := range []string{"T/9", "T/1#7", "T/1#x"} {
		if _, err := stored.Find(name); err == nil {
			t.Errorf("found %s", name)
		}
	}
}

func TestCompare(t *testing.T) {
	before, _ := config(t, 6, 1)
	after, _ := config(t, 6, 1)
	after.samples[1].Solution = "pass now"
	after.Options.FuelFactor = 20
	mustRun(t, before)
	mustRun(t, after)
	a, err := Load(t.Context(), before.Dir)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Load(t.Context(), after.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Compare(a, b).Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"note: the options differ", "plus: pass@1 0.5000 -> 0.6667 over 6 common tasks", "gained 1, lost 0", "gained             T/1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

// TestShowIsNotForged: no text of a program looks like a title of ours, whatever
// folder it comes from.
func TestShowIsNotForged(t *testing.T) {
	cfg, _ := config(t, 2, 1)
	mustRun(t, cfg)
	stored, err := Load(t.Context(), cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	r := stored.Records[0]
	forged := "x\n\n-- forged\n-- forged\r\n-- forged\u2028-- forged\x1b[1A"
	r.Verdict, r.Base, r.Oracle, r.Identity = harness.Verdict(forged), harness.Verdict(forged), forged, forged
	r.Failure = &harness.Failure{Args: forged, Expected: forged, Actual: forged, Detail: forged, Set: forged, Input: new(int),
		Exception: &runtimes.ExceptionInfo{Type: forged, Message: forged, Traceback: forged}}
	r.PlusFailure = r.Failure
	var b strings.Builder
	if err := stored.Show(&b, r); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "-- forged") || strings.ContainsAny(line, "\r\u2028\x1b") {
			t.Errorf("a line is forged: %q", line)
		}
	}
}
