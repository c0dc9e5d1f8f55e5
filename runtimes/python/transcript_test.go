package python

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/runtimes"
)

// TestTranscript: what comes of a candidate is the same whether the test runs
// or a transcript speaks for it.
func TestTranscript(t *testing.T) {
	r := openShared(t)
	lim := runtimes.Limits{LoadFuel: 1e9, CallFuel: 1e8}
	s := runtimes.Script{
		Helpers: "import random",
		Test: `for n in range(3):
    x = random.randrange(100)
    assert f(x) == x + 1, "sum"
assert f(True) is not None
assert sorted(f(n) for n in {3, 1, 2}) == [2, 3, 4]`,
		Entry: "f",
	}
	inspected, err := inspectScript(ctx, r, s)
	if err != nil {
		t.Fatal(err)
	}
	s.Compiled = inspected.Compiled
	record := s
	record.Record = true
	canonical, err := runScript(ctx, r, record, runtimes.Program{Source: "def f(x): return x + 1", Entry: "f"}, lim)
	if err != nil {
		t.Fatal(err)
	}
	if canonical.Transcript == nil || len(canonical.Transcript.Exchanges) != 7 {
		t.Fatalf("the canonical run's transcript: %+v", canonical.Transcript)
	}
	known := s
	known.Transcript = canonical.Transcript

	after := func(n int, then string) string {
		return fmt.Sprintf("calls = 0\ndef f(x):\n global calls\n calls += 1\n if calls == %d:\n  %s\n return x + 1", n, then)
	}
	programs := map[string]string{
		"agrees":           "def f(x):\n y = x\n return y + 1",
		"agrees and talks": "print('hello')\ndef f(x):\n print(x)\n return x + 1",
		"does not load":    "f = g",
		"is not Python":    "def f(x:",
		"exits":            "raise SystemExit(3)",
		"has no f":         "def g(x): return x + 1",
	}
	for n := 1; n <= 8; n++ { // the eighth call is never made
		for what, then := range map[string]string{
			"wrong": "return 0", "equal but not the same": "return float(x + 1)", "none": "return None",
			"raises": "raise ValueError(x)", "exits": "raise SystemExit", "spins": "while True: pass",
			"opaque": "return f", "never equal": "return float('nan')",
		} {
			programs[fmt.Sprintf("%s at call %d", what, n)] = after(n, then)
		}
	}
	for name, source := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := runtimes.Program{Source: source, Entry: "f"}
			want, err := runScript(ctx, r, s, p, lim)
			if err != nil {
				t.Fatal(err)
			}
			got, err := runScript(ctx, r, known, p, lim)
			if err != nil {
				t.Fatal(err)
			}
			switch { // where Test says nothing, or that it passed
			case want.Kind != runtimes.OK:
				want.Test, got.Test = nil, nil
			case want.Test.Kind == runtimes.OK && got.Test.Kind == runtimes.OK:
				want.Test, got.Test = nil, nil
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("with a transcript (-without +with):\n%s", diff)
			}
		})
	}
}

// TestTranscriptSparesTheTest: an agreed conversation needs no second instance,
// and one that the limits could have ended is held.
func TestTranscriptSparesTheTest(t *testing.T) {
	r := openShared(t)
	s := runtimes.Script{Test: "print('x' * 100)\nassert f() == 1", Entry: "f", Record: true}
	p := runtimes.Program{Source: "def f(): return 1", Entry: "f"}
	first, err := runScript(ctx, r, s, p, runtimes.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s.Record, s.Transcript = false, first.Transcript
	for _, c := range []struct {
		name string
		lim  runtimes.Limits
		test runtimes.Kind
		ran  bool
	}{
		{"default limits", runtimes.Limits{}, runtimes.OK, false},
		{"less output than the test wrote", runtimes.Limits{OutputBytes: 50}, runtimes.OutputLimit, true},
		{"less memory than the test took", runtimes.Limits{MemoryBytes: 1 << 20}, runtimes.OK, true},
	} {
		got, err := runScript(ctx, r, s, p, c.lim)
		if err != nil {
			t.Fatal(err)
		}
		if got.Test.Kind != c.test || got.Calls != first.Calls && c.test == runtimes.OK {
			t.Errorf("%s: the test ended with %s after %d calls, want %s", c.name, got.Test.Kind, got.Calls, c.test)
		}
		if ran := got.Test.Fuel > 0; ran != c.ran {
			t.Errorf("%s: the test ran: %v, want %v", c.name, ran, c.ran)
		}
	}
}

func TestLongTranscriptsAreNotKept(t *testing.T) {
	r := openShared(t)
	s := runtimes.Script{Test: "for i in range(3): assert f('x' * 400_000)", Entry: "f", Record: true}
	got, err := runScript(ctx, r, s, runtimes.Program{Source: "def f(x): return x", Entry: "f"}, runtimes.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Test.Kind != runtimes.OK || got.Calls != 3 || got.Transcript != nil {
		t.Errorf("test %s, %d calls, transcript of %d bytes", got.Test.Kind, got.Calls, got.Transcript.Weight())
	}
}
