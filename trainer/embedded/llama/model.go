package llama

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/internal/tokenizer"
)

// Model is a model that writes. It is safe for concurrent use.
type Model struct {
	Hash string // SHA-256 of its weights' file

	config     Config
	decoder    *Decoder[float32]
	vocabulary *tokenizer.Vocabulary
}

// OpenModel reads a model's folder.
func OpenModel(dir string) (*Model, error) {
	w, err := Load(dir)
	if err != nil {
		return nil, err
	}
	v, err := tokenizer.OpenVocabulary(dir, w.Config.End)
	if err != nil {
		return nil, err
	}
	if v.Size > w.Config.Vocabulary {
		return nil, fmt.Errorf("%s: the tokenizer has %d tokens, and the model knows %d: they are not of one kind", dir, v.Size, w.Config.Vocabulary)
	}
	hash, err := hashOf(filepath.Join(dir, WeightsFile))
	if err != nil {
		return nil, err
	}
	return &Model{Hash: hash, config: w.Config, decoder: NewDecoder(w), vocabulary: v}, nil
}

func hashOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

// TooLongError says that a text leaves no place to go on.
type TooLongError struct{ Tokens, Most int }

func (e *TooLongError) Error() string {
	return fmt.Sprintf("the prompt has %d tokens, and the model %d places in all", e.Tokens, e.Most)
}

var errNothing = errors.New("there is no text to go on with")

// read tokenizes what is to be gone on with.
func (m *Model) read(prompt string) ([]int32, error) {
	found, err := m.vocabulary.Encode(prompt)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, errNothing
	case len(found) >= m.config.Positions:
		return nil, &TooLongError{len(found), m.config.Positions}
	}
	ids := make([]int32, len(found))
	for i, t := range found {
		ids[i] = int32(t.ID)
	}
	return ids, nil
}
