package run

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/progress"
)

// A log that is cut anywhere gives the records that are whole, and can be gone
// on with.
func TestLogCutAnywhere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, logName)
	l, err := createLog(path, header{Log: logVersion, Total: 3})
	if err != nil {
		t.Fatal(err)
	}
	records := [][]byte{[]byte(`{"a":1}`), []byte(`{"b":"\u003c"}`), []byte(`{"c":"é}"}`)}
	for _, r := range records {
		if err := l.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	headerEnd := bytes.IndexByte(whole, '\n') + 1
	for n := headerEnd; n <= len(whole); n++ {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		old, err := readLog(path)
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if want := bytes.Count(whole[headerEnd:n], []byte("\n")); len(old.lines) != want || old.damaged != 0 {
			t.Fatalf("cut at %d: %d records, %d damaged; want %d and none", n, len(old.lines), old.damaged, want)
		}
		again, err := appendlog.Reopen(path, old.size)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records[len(old.lines):] {
			if err := again.Append(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, whole) {
			t.Fatalf("cut at %d and gone on with: the log differs", n)
		}
	}
}

// FuzzReadLog: whatever lies where the log was, it is read or refused, and going
// on after what was read leaves a log that is read the same.
func FuzzReadLog(f *testing.F) {
	head := appendlog.Seal([]byte(`{"version":1}`))
	f.Add(head)
	f.Add(append(append(bytes.Clone(head), appendlog.Seal([]byte(`{"task_id":"a"}`))...), `{"sum":"torn`...))
	f.Add(append(bytes.Clone(head), "\n\n{}\n"...))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		first, err := readLog(path)
		if err != nil {
			return
		}
		l, err := appendlog.Reopen(path, first.size)
		if err != nil {
			t.Fatal(err)
		}
		payload := []byte(`{"more":true}`)
		if err := errors.Join(l.Append(payload), l.Close()); err != nil {
			t.Fatal(err)
		}
		again, err := readLog(path)
		if err != nil || again.damaged != first.damaged || len(again.lines) != len(first.lines)+1 || !bytes.Equal(again.lines[len(first.lines)], payload) {
			t.Errorf("%d lines, %d damaged, then %+v, %v", len(first.lines), first.damaged, again, err)
		}
	})
}

// FuzzLoad: a results folder of anything is read or refused by file and line.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"version":1,"task_id":"a","sample":0,"verdict":"pass"}`+"\n"), []byte(`{"version":1}`))
	f.Add([]byte("{}\n\n"), []byte("null"))
	f.Add([]byte(""), []byte(`{"scores":{"base":{"pass_at_k":[]}}}`))
	f.Fuzz(func(t *testing.T, results, summary []byte) {
		dir := t.TempDir()
		for name, data := range map[string][]byte{ResultsName: results, summaryName: summary} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Load(t.Context(), dir)
		if err != nil {
			if !strings.Contains(err.Error(), ResultsName) && !strings.Contains(err.Error(), summaryName) {
				t.Errorf("an error that names no file: %v", err)
			}
			return
		}
		if s.Summary != nil && len(s.Records) > 0 {
			_, _ = s.Find(s.Records[0].TaskID)
			_, _ = s.Candidate(s.Records[0])
		}
	})
}

// TestOneBadLine: a line that can't be read, wherever it is and whatever is wrong
// with it, is lost alone: the others are read, it is named, and a resumed run ends
// with the same bytes.
func TestOneBadLine(t *testing.T) {
	cfg, judge := config(t, 4, 1)
	mustRun(t, cfg)
	want, wantLog := read(t, cfg.Dir, ResultsName), read(t, cfg.Dir, logName)
	bad := map[string]func(line string) string{
		"nothing of JSON":   func(string) string { return "what?" },
		"cut":               func(line string) string { return line[:len(line)/2] },
		"too long":          func(line string) string { return strings.Repeat(line, maxLine/len(line)+1) },
		"no text":           func(line string) string { return "\xff" + line },
		"a list":            func(line string) string { return "[" + line + "]" },
		"another schema":    func(string) string { return `{"version":9,"task_id":"T/0","sample":0,"verdict":"pass"}` },
		"another verdict":   func(string) string { return `{"version":1,"task_id":"T/0","sample":0,"verdict":"pass\n"}` },
		"two members alike": func(line string) string { return strings.Replace(line, "{", `{"task_id":"T/9",`, 1) },
	}
	replaced := func(text string, n int, change func(string) string) string {
		lines := strings.SplitAfter(text, "\n")
		lines[n] = change(strings.TrimSuffix(lines[n], "\n")) + "\n"
		return strings.Join(lines, "")
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(cfg.Dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for what, change := range bad {
		for n := range 4 {
			write(ResultsName, replaced(want, n, change))
			s, err := Load(t.Context(), cfg.Dir)
			if err != nil {
				t.Fatalf("%s, line %d: %v", what, n+1, err)
			}
			place := fmt.Sprintf("%s:%d: ", filepath.Join(cfg.Dir, ResultsName), n+1)
			if len(s.Records) != 3 || len(s.Damage.Lines) != 1 || !strings.HasPrefix(s.Damage.Lines[0].Error(), place) {
				t.Errorf("%s, line %d: %d records, damage %v", what, n+1, len(s.Records), s.Damage.Lines)
			}
			v, err := Verify(t.Context(), s, VerifyConfig{Suite: cfg.suite, Judge: judge, Runtime: cfg.Runtime})
			if err != nil || v.Whole {
				t.Errorf("%s, line %d: verified as %+v, %v", what, n+1, v, err)
			}
		}
		for n := range 5 { // the first is the header
			write(ResultsName, "")
			write(logName, replaced(wantLog, n, change))
			var told []string
			again := cfg
			again.Mode, again.Progress = Resume, func(e progress.Event) { told = append(told, e.Notice) }
			judge.order = nil
			mustRun(t, again)
			if got := read(t, cfg.Dir, ResultsName); got != want || len(judge.order) != min(n, 1) {
				t.Errorf("%s, line %d of the log: judged %v, results %s", what, n+1, judge.order, got)
			}
			if !strings.Contains(strings.Join(told, "\n"), logName+": 1 damaged lines are left out and judged again") {
				t.Errorf("%s, line %d of the log: told %q", what, n+1, told)
			}
		}
	}
}

// TestRecordsOfTheLogThatAreNone: a whole line of the log that is no record is left
// out too.
func TestRecordsOfTheLogThatAreNone(t *testing.T) {
	cfg, judge := config(t, 2, 1)
	mustRun(t, cfg)
	want := read(t, cfg.Dir, ResultsName)
	path := filepath.Join(cfg.Dir, logName)
	log := strings.SplitAfter(read(t, cfg.Dir, logName), "\n")
	for _, record := range []string{`{}`, `[]`, `{"version":9}`, `{"version":1,"version":1}`} {
		text := log[0] + string(appendlog.Seal([]byte(record))) + log[2]
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		judge.order = nil
		cfg.Mode = Resume
		mustRun(t, cfg)
		if got := read(t, cfg.Dir, ResultsName); got != want || len(judge.order) != 1 {
			t.Errorf("%s: judged %v, results %s", record, judge.order, got)
		}
	}
}
