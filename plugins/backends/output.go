package backends

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

// said is the end of a message: what the program said, in one line.
func said(told string) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(told, "?")), " ")
	if text == "" {
		return ""
	}
	return ": " + text
}
