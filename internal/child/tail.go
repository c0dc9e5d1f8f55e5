package child

import (
	"strings"
	"sync"
)

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

// LastLine is the last line of what was kept, at most most bytes of it.
func (t *Tail) LastLine(most int) string {
	lines := strings.Split(strings.TrimSpace(t.String()), "\n")
	return Cut(lines[len(lines)-1], most)
}

// Cut is the first most bytes of a text, with a sign that it was longer.
func Cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + " …"
}
