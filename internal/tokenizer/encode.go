package tokenizer

import (
	"errors"
	"unicode/utf8"
)

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
