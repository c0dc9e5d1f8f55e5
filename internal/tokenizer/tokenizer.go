package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
	"golang.org/x/text/unicode/norm"
)

// Counter counts the tokens of a text.
type Counter interface {
	Count(text string) (int, error)
	// Exceeds says whether a text has more than limit tokens.
	Exceeds(text string, limit int) (bool, error)
	// String says how it counts.
	String() string
}

// Bytes counts so many bytes as one token: an estimate.
type Bytes float64

// DefaultBytes errs on the side of more tokens: tokenizers of models for code
// take 3.2 to 3.9 bytes of Python as one.
const DefaultBytes Bytes = 3

// Check says what is wrong with a ratio.
func (b Bytes) Check() error {
	if !(b >= 1 && b <= 100) {
		return fmt.Errorf("%v bytes a token: a token has 1 to 100 bytes", float64(b))
	}
	return nil
}

// Count rounds up.
func (b Bytes) Count(text string) (int, error) {
	return int(math.Ceil(float64(len(text)) / float64(b))), nil
}

// Exceeds compares the estimate.
func (b Bytes) Exceeds(text string, limit int) (bool, error) {
	n, err := b.Count(text)
	return n > limit, err
}

func (b Bytes) String() string { return fmt.Sprintf("estimated, %v bytes a token", float64(b)) }

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

// Token is a token of a text, and the bytes that it stands for.
type Token struct{ ID, Start, End int }

// errChanged says why a tokenizer gives no places.
var errChanged = errors.New("this tokenizer changes a text before it cuts it (normal forms, a space in front), so its tokens have no places in the text")

// Encode returns the tokens of a text. Together they stand for all of its bytes.
func (t *Tokenizer) Encode(text string) ([]Token, error) {
	switch {
	case len(t.forms) > 0 || t.prefix:
		return nil, errChanged
	case !utf8.ValidString(text):
		return nil, errors.New("the text is not UTF-8")
	}
	var out []Token
	at := 0
	add := func(words []string) {
		for _, word := range words {
			w := t.merged(word)
			for i := 0; i < len(word); i = w.next[i] {
				out = append(out, Token{w.id[i], at + i, at + w.next[i]})
			}
			at += len(word)
		}
	}
	if t.added != nil {
		for _, m := range t.added.FindAllStringIndex(text, -1) {
			words, err := t.words(text[at:m[0]])
			if err != nil {
				return nil, err
			}
			add(words)
			out, at = append(out, Token{t.addedID[text[m[0]:m[1]]], m[0], m[1]}), m[1]
		}
	}
	words, err := t.words(text[at:])
	if err != nil {
		return nil, err
	}
	add(words)
	return out, nil
}

// Words are what a text is cut into before pieces are merged: what a vocabulary
// is learned from.
func (t *Tokenizer) Words(text string) ([]string, error) { return t.words(t.normal(text)) }

// Pieces are the texts of the tokens by id, bytes for bytes. An id that no token
// has is not in it.
func (t *Tokenizer) Pieces() map[int]string {
	byRune := make(map[rune]byte, len(alphabet))
	for b, r := range alphabet {
		byRune[r] = byte(b)
	}
	out := make(map[int]string, len(t.vocab)+len(t.addedID))
	for text, id := range t.vocab {
		piece := make([]byte, 0, len(text))
		for _, r := range text {
			if b, ok := byRune[r]; ok {
				piece = append(piece, b)
			} else { // a token that was added to the vocabulary, and has no byte's sign
				piece = utf8.AppendRune(piece, r)
			}
		}
		out[id] = string(piece)
	}
	for text, id := range t.addedID {
		out[id] = text
	}
	return out
}

// Alphabet is the sign of each byte in a vocabulary.
func Alphabet() [256]rune { return alphabet }
