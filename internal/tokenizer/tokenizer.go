package tokenizer

import (
	"regexp"
	"strings"

	"github.com/dlclark/regexp2/v2"
	"golang.org/x/text/unicode/norm"
)

// Tokenizer counts as a tokenizer.json says. It is safe for concurrent use.
type Tokenizer struct {
	name      string
	added     *regexp.Regexp // texts that are one token each; nil: none
	addedID   map[string]int
	forms     []norm.Form
	splits    []split
	byteLevel bool
	prefix    bool // spaces are put into a text: it may have more tokens than bytes

	whole  bool
	vocab  map[string]int
	ofByte [256]int
	merges map[[2]int]merge
}

func (t *Tokenizer) String() string { return t.name }

// split cuts a text into words at the matches of a pattern; matches and what is
// between them are words.
type split struct {
	prefix  bool // a space is put before a text that has none
	pattern *regexp2.Regexp
}

// Exceeds counts only where that is needed: a token has one byte or more.
func (t *Tokenizer) Exceeds(text string, limit int) (bool, error) {
	if !t.prefix && len(t.normal(text)) <= limit {
		return false, nil
	}
	n, err := t.Count(text)
	return n > limit, err
}

// Count is the number of tokens that text is.
func (t *Tokenizer) Count(text string) (int, error) {
	if t.added == nil {
		return t.plain(text)
	}
	total, at := 0, 0
	for _, m := range t.added.FindAllStringIndex(text, -1) {
		n, err := t.plain(text[at:m[0]])
		if err != nil {
			return 0, err
		}
		total, at = total+n+1, m[1]
	}
	n, err := t.plain(text[at:])
	return total + n, err
}

// plain counts a text that has no added token in it.
func (t *Tokenizer) plain(text string) (int, error) {
	words, err := t.words(t.normal(text))
	total := 0
	for _, w := range words {
		total += t.merged(w).left
	}
	return total, err
}

// words are what a text is cut into before pieces are merged.
func (t *Tokenizer) words(text string) ([]string, error) {
	words := []string{text}
	for _, s := range t.splits {
		var next []string
		for _, w := range words {
			cut, err := s.cut(w)
			if err != nil {
				return nil, err
			}
			next = append(next, cut...)
		}
		words = next
	}
	return words, nil
}

func (t *Tokenizer) normal(text string) string {
	for _, f := range t.forms {
		text = f.String(text)
	}
	return text
}

func (s split) cut(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	if s.prefix && !strings.HasPrefix(text, " ") {
		text = " " + text
	}
	if s.pattern == nil {
		return []string{text}, nil
	}
	var words []string
	runes := []rune(text) // matches count in them
	add := func(from, to int) {
		if from < to {
			words = append(words, string(runes[from:to]))
		}
	}
	at := 0
	m, err := s.pattern.FindRunesMatch(runes)
	for ; m != nil && err == nil; m, err = s.pattern.FindNextMatch(m) {
		add(at, m.RuneIndex)
		add(m.RuneIndex, m.RuneIndex+m.RuneLength)
		at = m.RuneIndex + m.RuneLength
	}
	add(at, len(runes))
	return words, err
}
