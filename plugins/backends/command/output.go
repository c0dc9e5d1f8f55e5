package command

import (
	"bytes"
	"strings"
)

// capped keeps what is written, up to a bound; then it says so and keeps
// nothing more.
type capped struct {
	kept bytes.Buffer
	most int
	over func()
}

func (c *capped) Write(p []byte) (int, error) {
	if c.kept.Len()+len(p) > c.most {
		c.over()
		return len(p), nil
	}
	return c.kept.Write(p)
}

// tail keeps the end of what is written.
type tail struct {
	kept []byte
	most int
}

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - t.most; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

// String is the end of a message: what the program said, in one line.
func (t *tail) String() string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(t.kept), "?")), " ")
	if text == "" {
		return ""
	}
	return ": " + text
}
