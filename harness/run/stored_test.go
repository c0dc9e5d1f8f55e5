package run

import (
	"strings"
	"testing"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 漢\n\t":    "plain é 漢\n\t",
		"\x1b[2J":          `\x1b[2J`,
		"a\rb\x00\x7f":     `a\x0db\x00\x7f`,
		"\xff\xfe":         `\xff\xfe`,
		"\u202eevil\u200b": `\u202eevil\u200b`,
		"\u009b31m":        `\u009b31m`,
	} {
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestShow(t *testing.T) {
	cfg, _ := config(t, 2, 1)
	mustRun(t, cfg)
	stored, err := Load(cfg.Dir)
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
	a, err := Load(before.Dir)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Load(after.Dir)
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
