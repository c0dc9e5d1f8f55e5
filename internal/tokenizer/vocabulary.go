package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// Files of a model's folder.
const (
	File         = "tokenizer.json"
	SettingsFile = "tokenizer_config.json"
)

// vocabularyMaxFile bounds the files of a vocabulary, in bytes.
const vocabularyMaxFile = 64 << 20

// Vocabulary is a model's tokens.
type Vocabulary struct {
	Size int // ids are below it
	End  int // the token that ends a text

	tokenizer      *Tokenizer
	pieces         map[int]string
	text, settings []byte // the files
}

// New is the vocabulary that a tokenizer.json says, with the token that ends a
// text. The settings are tokenizer_config.json; nil: the least that is needed.
func New(text, settings []byte, end int) (*Vocabulary, error) {
	t, err := Parse(File, text)
	if err != nil {
		return nil, err
	}
	if _, err := t.Encode(""); err != nil {
		return nil, err
	}
	v := &Vocabulary{End: end, tokenizer: t, pieces: t.Pieces(), text: text, settings: settings}
	for id := range v.pieces {
		v.Size = max(v.Size, id+1)
	}
	if v.pieces[end] == "" {
		return nil, fmt.Errorf("the token %d is to end texts, and %s has none of that id", end, File)
	}
	if settings == nil {
		v.settings, err = json.MarshalIndent(map[string]any{
			"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": v.pieces[end], "clean_up_tokenization_spaces": false,
		}, "", "  ")
		v.settings = append(v.settings, '\n')
	}
	return v, err
}

// OfCorpus learns one.
func OfCorpus(corpus []string, size int) (*Vocabulary, error) {
	text, err := Learn(corpus, size)
	if err != nil {
		return nil, err
	}
	return New(text, nil, endID)
}

// OpenVocabulary reads the vocabulary of a model's folder.
func OpenVocabulary(dir string, end int) (*Vocabulary, error) {
	text, err := read(filepath.Join(dir, File))
	if err != nil {
		return nil, err
	}
	settings, err := read(filepath.Join(dir, SettingsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	v, err := New(text, settings, end)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return v, nil
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > vocabularyMaxFile {
		return nil, fmt.Errorf("%s has %d bytes, and at most %d are read", path, info.Size(), vocabularyMaxFile)
	}
	return os.ReadFile(path)
}

// Write writes its files into a model's folder.
func (v *Vocabulary) Write(dir string) error {
	if err := os.WriteFile(filepath.Join(dir, File), v.text, 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, SettingsFile), v.settings, 0o666)
}

// EndText is the text of the token that ends a text.
func (v *Vocabulary) EndText() string { return v.pieces[v.End] }

// Encode returns the tokens of a text and their places.
func (v *Vocabulary) Encode(text string) ([]Token, error) { return v.tokenizer.Encode(text) }

// Piece is the text of a token: bytes, maybe a part of a character.
func (v *Vocabulary) Piece(id int) string { return v.pieces[id] }

// Whole returns the part of a text that ends between characters.
func Whole(text string) string {
	for n := 1; n <= min(3, len(text)); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if !utf8.FullRuneInString(text[len(text)-n:]) {
				return text[:len(text)-n]
			}
			break
		}
	}
	return text
}
