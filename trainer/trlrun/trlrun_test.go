package trlrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"assay/plugins/child"
	"assay/trainer"
)

// TestMain is also a trainer that hears no signal: it says so and stays.
func TestMain(m *testing.M) {
	if os.Getenv("DEAF") != "" {
		signal.Ignore(os.Interrupt)
		fmt.Println(`{"event": "start"}`)
		select {}
	}
	os.Exit(m.Run())
}

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

// TestDeaf: a trainer that doesn't hear is ended when its grace is over.
func TestDeaf(t *testing.T) {
	d, err := openOne(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	t.Setenv("DEAF", "1")
	ctx, cancel := context.WithCancel(t.Context())
	trains := Trainer{Python: os.Args[0], Event: func(Event) { cancel() }, Say: func(string) {}, Grace: time.Millisecond, Kill: t.Context()}
	var stopped *InterruptedError
	if err := trains.Train(ctx, d); !errors.As(err, &stopped) || stopped.Step != 0 {
		t.Errorf("%v", err)
	}
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
		if err := os.MkdirAll(filepath.Join(d.Dir, checkpoints, name), 0o755); err != nil {
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
		if err := os.WriteFile(d.path(MetricsFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := d.ReadMetrics(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %s", text, err, says)
		}
	}
}

// FuzzTalk: whatever a trainer says, and however it is cut, what is passed on is
// bounded.
func FuzzTalk(f *testing.F) {
	f.Add([]byte("{\"event\": \"step\", \"loss\": 1}\nwords\r\n"), 3)
	f.Add([]byte(strings.Repeat("x", 3*mostSaid)+"\n\xff\n{}\n"), 700)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		said, events := 0, 0
		both := &talk{kept: child.Tail{Most: mostKept}, event: func(Event) { events++ }, say: func(line string) {
			said++
			if len(line) > mostSaid+8 || strings.Contains(line, "\n") {
				t.Errorf("passed on: %q", line)
			}
		}}
		l := &lines{each: both.out}
		for part := range slices.Chunk(text, max(1, size)) {
			if n, err := l.Write(part); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
		l.end()
		if said > mostLines+1 {
			t.Errorf("%d lines were passed on", said)
		}
		want := 0
		for line := range strings.Lines(string(text)) {
			var e Event
			if len(line) < mostLine && json.Unmarshal([]byte(line), &e) == nil && e.Event != "" {
				want++
			}
		}
		if events != want {
			t.Errorf("%d events, want %d", events, want)
		}
	})
}
