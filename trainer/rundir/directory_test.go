package rundir

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/trainer"
)

type one struct{ pairs []trainer.Pair }

func (o *one) Next() (trainer.Pair, error) {
	if len(o.pairs) == 0 {
		return trainer.Pair{}, io.EOF
	}
	p := o.pairs[0]
	o.pairs = o.pairs[1:]
	return p, nil
}

func openOne(t *testing.T, dir string) (*Directory, error) {
	t.Helper()
	run, err := trainer.Paper().Run("test")
	if err != nil {
		t.Fatal(err)
	}
	p, err := trainer.NewPair("a", "Add.\n", "a + b\n", "a - b\n")
	if err != nil {
		t.Fatal(err)
	}
	return Open(dir, run, &one{[]trainer.Pair{p}})
}

func TestOneAtATime(t *testing.T) {
	dir := t.TempDir()
	d, err := openOne(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openOne(t, dir); err == nil || !strings.Contains(err.Error(), "another assay train is at work there") {
		t.Errorf("%v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := openOne(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func TestLastCheckpoint(t *testing.T) {
	d := &Directory{Dir: t.TempDir()}
	if n := d.lastCheckpoint(); n != 0 {
		t.Errorf("%d without a folder", n)
	}
	for _, name := range []string{"checkpoint-9", "checkpoint-10", "checkpoint-11.part", "checkpoint-x", "partial"} {
		if err := os.MkdirAll(filepath.Join(d.Dir, trainer.CheckpointsDir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if n := d.lastCheckpoint(); n != 10 {
		t.Errorf("the last is %d, not 10", n)
	}
}

func TestDifference(t *testing.T) {
	for _, c := range []struct{ was, is, member, before, after string }{
		{`{"a": 1, "b": [1, 2]}`, `{"b":[1,2],"a":1}`, "", "", ""},
		{`{"a": 1, "b": 2}`, `{"a": 2, "b": 3}`, "a", "1", "2"},
		{`{"a": 1}`, `{"a": 1, "b": {}}`, "b", "nothing", "{}"},
		{`{"a": 1, "b": null}`, `{"a": 1}`, "b", "null", "nothing"},
		{`{"assay": "0.1.0"}`, `{"assay": "0.2.0"}`, "", "", ""},
	} {
		member, before, after, err := difference([]byte(c.was), []byte(c.is))
		if err != nil || member != c.member || before != c.before || after != c.after {
			t.Errorf("%s, %s: %q %q %q %v", c.was, c.is, member, before, after, err)
		}
	}
	if _, _, _, err := difference([]byte(`{"a`), []byte(`{}`)); err == nil {
		t.Error("torn JSON has no difference")
	}
}

func TestMetricsThatAreNone(t *testing.T) {
	for text, says := range map[string]string{"": "has no step", `{"step":1,"loss":NaN}`: "metrics.jsonl:1: figures are numbers", "\n[]\n": "metrics.jsonl:2: "} {
		d := &Directory{Dir: t.TempDir()}
		if err := os.WriteFile(d.path(trainer.MetricsFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := d.readMetrics(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %s", text, err, says)
		}
	}
}
