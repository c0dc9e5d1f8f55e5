package child

import (
	"cmp"
	"slices"
	"strings"
)

// Redactor knows secrets. The zero value knows none.
type Redactor struct {
	replace *strings.Replacer
	longest int
}

// Secret is a value and what stands in its place.
type Secret struct{ Value, Label string }

// NewRedactor makes a redactor. A secret of several lines is one for each of them,
// because texts are cut into lines; lines too short to tell apart from other
// text are left alone. Where one secret begins with another, the longer one goes
// first.
func NewRedactor(secrets ...Secret) Redactor {
	const short = 4
	var all []Secret
	for _, s := range secrets {
		for _, line := range strings.FieldsFunc(s.Value, func(r rune) bool { return r == '\n' || r == '\r' }) {
			if line = strings.TrimSpace(line); len(line) >= short {
				all = append(all, Secret{line, s.Label})
			}
		}
	}
	if len(all) == 0 {
		return Redactor{}
	}
	slices.SortStableFunc(all, func(a, b Secret) int { return cmp.Compare(len(b.Value), len(a.Value)) })
	var pairs []string
	for _, s := range all {
		pairs = append(pairs, s.Value, "["+s.Label+"]")
	}
	return Redactor{strings.NewReplacer(pairs...), len(all[0].Value)}
}

// Longest is the length of the longest secret: whoever cuts a text before it is
// redacted leaves so much after the cut.
func (r Redactor) Longest() int { return r.longest }

// Line is the text without secrets, in one line of at most most bytes and a sign
// that it was cut.
func (r Redactor) Line(text string, most int) string {
	if r.replace != nil {
		text = r.replace.Replace(text)
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
