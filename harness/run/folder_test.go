package run

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/appendlog"
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
		s, err := Load(dir)
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
