package model

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
)

// Exchange is a line of the log: a request that was sent, and its answer, which
// may have fewer texts than were asked for.
type Exchange struct {
	Backend string  `json:"backend"`
	Request Request `json:"request"`
	Answer  Answer  `json:"answer"`
}

// Log holds the answers of one backend. In memory there is only where in the
// file they stand. It is safe for concurrent use.
type Log struct {
	backend string
	unlock  func() error
	file    *os.File // to read from

	mu      sync.Mutex
	lines   *appendlog.Log
	places  map[[sha256.Size]byte]place // by the key of a sample's question
	usage   Usage
	damaged int
}

// place is where a sample's text is.
type place struct {
	at, size int64 // of the line
	text     int   // which one of the answer
}

// OpenLog opens the log at path, or starts one, for the answers of a backend of
// this identity. Those of others stay where they are; with forget, none does.
func OpenLog(path, backend string, forget bool) (*Log, error) {
	l := &Log{backend: backend, places: make(map[[sha256.Size]byte]place)}
	dir, base := filepath.Split(path)
	var err error
	l.unlock, err = atomicfile.TryLock(filepath.Join(dir, "."+base+".lock"))
	switch {
	case errors.Is(err, atomicfile.ErrLocked):
		return nil, fmt.Errorf("another process is writing to %s: wait for it, or name another file with --out", path)
	case err != nil:
		return nil, fmt.Errorf("locking the request log: %w; name another place with --out", err)
	}
	if err := l.open(path, forget); err != nil {
		return nil, errors.Join(fmt.Errorf("the request log: %w", err), l.Close())
	}
	return l, nil
}

func (l *Log) open(path string, forget bool) error {
	var size int64
	var err error
	if !forget {
		size, err = appendlog.Read(path, l.take)
	}
	switch {
	case forget, errors.Is(err, fs.ErrNotExist):
		l.lines, err = appendlog.Create(path)
	case err == nil:
		l.lines, err = appendlog.Reopen(path, size)
	}
	if err != nil {
		return err
	}
	f, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return err
	}
	l.file = f.File
	return nil
}

// take files one line that is there already.
func (l *Log) take(line appendlog.Line) error {
	var x Exchange
	if line.Record == nil || json.Unmarshal(line.Record, &x) != nil {
		l.damaged++
		return nil
	}
	if x.Backend == l.backend {
		l.remember(x, line.At, line.Size)
	}
	return nil
}

func (l *Log) remember(x Exchange, at, size int64) {
	for i := range x.Answer.Texts {
		key := x.Request.Only(x.Request.Index+i, 1).Key()
		if _, there := l.places[key]; !there {
			l.places[key] = place{at, size, i}
		}
	}
	l.usage.Add(x.Answer.Usage)
}

// Damaged is how many lines could not be read: their samples are asked for
// again.
func (l *Log) Damaged() int { return l.damaged }

// Usage is what all answers of the log took.
func (l *Log) Usage() Usage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.usage
}

// Has says whether the sample is answered that r asks for first.
func (l *Log) Has(r Request) bool {
	_, ok := l.find(r)
	return ok
}

func (l *Log) find(r Request) (place, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := l.places[r.Key()]
	return p, ok
}

// Text is the sample that r asks for first, when it is answered.
func (l *Log) Text(r Request) (Text, bool, error) {
	text, _, ok, err := l.Sample(r)
	return text, ok, err
}

// Sample is the same with what its answer took. Of the samples that came in one
// answer, the first has all of that.
func (l *Log) Sample(r Request) (Text, Usage, bool, error) {
	p, ok := l.find(r)
	if !ok {
		return Text{}, Usage{}, false, nil
	}
	line := make([]byte, p.size)
	if _, err := l.file.ReadAt(line, p.at); err != nil {
		return Text{}, Usage{}, false, fmt.Errorf("reading the request log: %w", err)
	}
	var x Exchange
	record, ok := appendlog.Unseal(line)
	if !ok || json.Unmarshal(record, &x) != nil || p.text >= len(x.Answer.Texts) {
		return Text{}, Usage{}, false, errors.New("the request log was changed while it was in use")
	}
	if p.text > 0 {
		x.Answer.Usage = Usage{}
	}
	return x.Answer.Texts[p.text], x.Answer.Usage, true, nil
}

// missing is the first stretch of r that is not answered; N 0: all of it is.
func (l *Log) missing(r Request) Request {
	end := r.Index + r.N
	from := r.Index
	for from < end && l.Has(r.Only(from, 1)) {
		from++
	}
	to := from
	for to < end && !l.Has(r.Only(to, 1)) {
		to++
	}
	return r.Only(from, to-from)
}

// answer puts together what the log has for r.
func (l *Log) answer(r Request) (Answer, error) {
	var out Answer
	for i := range r.N {
		text, _, err := l.Text(r.Only(r.Index+i, 1))
		if err != nil {
			return Answer{}, err
		}
		out.Texts = append(out.Texts, text)
	}
	return out, nil
}

// add appends an answer.
func (l *Log) add(r Request, a Answer) error {
	x := Exchange{Backend: l.backend, Request: r, Answer: a}
	record, err := jsonl.Marshal(x)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lines.Size()
	if err := l.lines.Append(record); err != nil {
		return fmt.Errorf("writing the request log: %w", err)
	}
	l.remember(x, at, l.lines.Size()-at)
	return nil
}

// Close syncs the log and lets go of it.
func (l *Log) Close() error {
	var err error
	if l.lines != nil {
		err = l.lines.Close()
	}
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
	}
	return errors.Join(err, l.unlock())
}
