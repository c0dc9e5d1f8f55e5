package codeflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/assay-dev/assay/harness"
)

// many are the answers to so many tasks, which pass at different iterations.
func many(n int) map[string][]string {
	answers := map[string][]string{}
	for i := range n {
		list := []string{"wrong 1", "raises 2", "wrong 9", "unparsed"}[:i%5%4]
		if i%7 != 6 {
			list = append(list, "pass")
		}
		answers[fmt.Sprint("T/", i)] = append(list[:len(list):len(list)], "plus 1")
	}
	return answers
}

// Traces and statistics have the same bytes whatever the concurrency, however
// often the run is stopped, and no answer is asked for twice.
func TestSameBytesHoweverTheyCame(t *testing.T) {
	const tasks = 40
	change := func(c *Config) { c.Options.Traces, c.Options.BestOf = 2, 2 }
	var want string
	synctest.Test(t, func(t *testing.T) {
		var err error
		if _, want, err = flow(t, t.Context(), t.TempDir(), &writer{answers: many(tasks)}, problems(t, tasks), change); err != nil {
			t.Fatal(err)
		}
	})
	for stops := range 4 {
		synctest.Test(t, func(t *testing.T) {
			dir, w := t.TempDir(), &writer{answers: many(tasks), pause: time.Millisecond}
			for i := range stops {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(5+20*i+7*stops)*time.Millisecond)
				_, _, err := flow(t, ctx, dir, w, problems(t, tasks), change)
				cancel()
				var stop *interrupted
				if !errors.As(err, &stop) || stop.Total != 2*tasks || !strings.Contains(err.Error(), "go on with the same command") {
					t.Errorf("a run that was stopped: %v", err)
				}
				if _, err := os.Stat(filepath.Join(dir, TracesName)); err == nil {
					t.Error("a run that was stopped left traces")
				}
				time.Sleep(time.Minute) // what was under way is answered
			}
			_, got, err := flow(t, t.Context(), dir, w, problems(t, tasks), func(c *Config) {
				change(c)
				c.Client.Concurrency, c.Workers = 1+stops, 1+stops
			})
			if err != nil || got != want {
				t.Errorf("after %d stops the files differ, %v", stops, err)
			}
			for name, n := range w.sent {
				if n > 1 {
					t.Errorf("%s was asked for %d times", name, n)
				}
			}
		})
	}
}

func TestTracesThatCannotBeFinished(t *testing.T) {
	w := &writer{answers: map[string][]string{"T/0": {"pass"}, "T/1": {"broken"}, "T/3": {"wrong 1", "pass"}}}
	dir := t.TempDir()
	_, _, err := flow(t, t.Context(), dir, w, problems(t, 4), nil)
	for _, want := range []string{"2 of 4 traces could not be finished", "T/1, trace 0, iteration 0", "fault of ours: the machine room is on fire", "--partial"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	traces, stats, err := flow(t, t.Context(), dir, w, problems(t, 4), func(c *Config) { c.Partial = true })
	if err != nil || len(traces) != 2 || !strings.Contains(stats, `"missing": 2`) {
		t.Errorf("got %d traces, %v, %s", len(traces), err, stats)
	}
}

func TestStats(t *testing.T) {
	w := &writer{answers: map[string][]string{
		"T/0": {"pass"}, "T/1": {"plus 1"}, "T/2": {"wrong 1", "raises 3", "pass"}, "T/3": {"wrong 1"},
	}}
	dir := t.TempDir()
	if _, _, err := flow(t, t.Context(), dir, w, problems(t, 4), func(c *Config) { c.Client.Price.Completion = 1e6 }); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, StatsName))
	if err != nil {
		t.Fatal(err)
	}
	var s Stats
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range s.Iterations {
		got = append(got, fmt.Sprintf("%d %d %d %.2f %.2f %g", i.Iteration, i.Traces, i.Passed, i.Rate.Value, i.HeldOut.Value, i.Usage.Cost))
	}
	want := "0 4 2 0.50 0.25 4|1 2 0 0.50 0.25 2|2 2 1 0.75 0.50 2|3 1 0 0.75 0.50 1"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	moves := []Move{{harness.Exception, harness.Pass, 1}, {harness.WrongAnswer, harness.Exception, 1}, {harness.WrongAnswer, harness.WrongAnswer, 3}}
	if fmt.Sprint(s.Moves) != fmt.Sprint(moves) || s.Passed != 3 || s.Dropped[NeverPassed] != 1 || s.Usage.CompletionTokens != 9 || s.Fuel != 90 {
		t.Errorf("got %+v", s)
	}
}
