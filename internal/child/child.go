package child

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Command is a program in a process group of its own: a Ctrl-C of ours is none
// of its business, and when ctx is done it ends with all that it started.
func Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.WaitDelay = time.Second
	Alone(cmd)
	return cmd
}

// Run starts a command and waits for its end.
func Run(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	return Wait(cmd)
}

// Wait waits for the end of a command that was started. What that leaves behind
// with its streams open ends too, and is no error.
func Wait(cmd *exec.Cmd) error {
	err := cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		_ = cmd.Cancel()
		return nil
	}
	return err
}

// Output runs a command and returns the end of what it wrote to stdout and to
// stderr, most bytes of each.
func Output(cmd *exec.Cmd, most int) (out, said string, err error) {
	stdout, stderr := Tail{Most: most}, Tail{Most: most}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = Run(cmd)
	return stdout.String(), stderr.String(), err
}

// Tail keeps the end of what is written, Most bytes of it. It is safe for
// concurrent use.
type Tail struct {
	Most int

	mu   sync.Mutex
	kept []byte
}

func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - t.Most; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

// String is what was kept.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}

// LastLine is the last line of a text that is not blank, at most most bytes of
// it.
func LastLine(text string, most int) string {
	text = strings.TrimSpace(text)
	return Cut(text[strings.LastIndexByte(text, '\n')+1:], most)
}

// Cut is the first most bytes of a text, with a sign that it was longer.
func Cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + " …"
}

// Lines passes on what is written line by line, without the ends, Most bytes of
// each. It is safe for concurrent use.
type Lines struct {
	Most int
	Each func(line string)

	mu   sync.Mutex
	line []byte
}

func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		part, after, ended := bytes.Cut(rest, []byte{'\n'})
		l.line = append(l.line, part[:min(len(part), l.Most-len(l.line))]...)
		if ended {
			l.pass()
		}
		rest = after
	}
	return len(p), nil
}

// End passes on a last line that has no end.
func (l *Lines) End() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.line) > 0 {
		l.pass()
	}
}

func (l *Lines) pass() {
	l.Each(string(l.line))
	l.line = l.line[:0]
}
