package tokenizer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxFile bounds a tokenizer.json; that of the largest vocabularies has 20 MB.
const maxFile = 64 << 20

// file is the part of a tokenizer.json that says how many tokens there are.
type file struct {
	Added []struct {
		ID         int    `json:"id"`
		Content    string `json:"content"`
		SingleWord bool   `json:"single_word"`
		Left       bool   `json:"lstrip"`
		Right      bool   `json:"rstrip"`
	} `json:"added_tokens"`
	Normalizer   *part `json:"normalizer"`
	PreTokenizer *part `json:"pre_tokenizer"`
	Model        struct {
		Type         string            `json:"type"`
		Dropout      *float64          `json:"dropout"`
		Prefix       *string           `json:"continuing_subword_prefix"`
		Suffix       *string           `json:"end_of_word_suffix"`
		ByteFallback bool              `json:"byte_fallback"`
		Whole        bool              `json:"ignore_merges"` // a word of the vocabulary is one token
		Vocab        map[string]int    `json:"vocab"`
		Merges       []json.RawMessage `json:"merges"` // "a b" or ["a","b"]
	} `json:"model"`
}

// part is a step of the normalizer or the pre-tokenizer.
type part struct {
	Type       string `json:"type"`
	Normalizer []part `json:"normalizers"`
	Pre        []part `json:"pretokenizers"`
	Pattern    struct {
		Regex  string `json:"Regex"`
		String string `json:"String"`
	} `json:"pattern"`
	Behavior   string `json:"behavior"`
	Invert     bool   `json:"invert"`
	Individual bool   `json:"individual_digits"`
	Prefix     bool   `json:"add_prefix_space"`
	UseRegex   *bool  `json:"use_regex"` // default true
}

// Open reads a tokenizer.json.
func Open(path string) (*Tokenizer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("it is longer than %d bytes", maxFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t, err := Parse(filepath.Base(path), data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Parse reads the text of a tokenizer.json that is called name.
func Parse(name string, data []byte) (*Tokenizer, error) {
	t, err := parse(data)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	t.name = fmt.Sprintf("%s, sha256 %s", name, hex.EncodeToString(sum[:]))
	return t, nil
}

var errFamily = errors.New("only tokenizers of the byte-level BPE family are read (Qwen, DeepSeek, StarCoder, Llama 3, GPT-2): estimate by bytes instead")

func parse(data []byte) (*Tokenizer, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("it is no tokenizer.json: %w", err)
	}
	m := f.Model
	if m.Type != "BPE" || m.ByteFallback || m.Dropout != nil && *m.Dropout != 0 || text(m.Prefix) != "" || text(m.Suffix) != "" {
		return nil, fmt.Errorf("its model is %q, with settings that count otherwise: %w", m.Type, errFamily)
	}
	t := &Tokenizer{whole: m.Whole}
	if err := errors.Join(t.readAdded(f), t.readNormalizer(f.Normalizer), t.readSplits(f.PreTokenizer)); err != nil {
		return nil, err
	}
	if !t.byteLevel {
		return nil, fmt.Errorf("its pre-tokenizer is not byte-level: %w", errFamily)
	}
	return t, t.readMerges(f)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// readMerges takes the vocabulary and the merges: pairs of pieces, by rank.
func (t *Tokenizer) readMerges(f file) error {
	t.vocab = f.Model.Vocab
	for b, r := range alphabet {
		id, ok := t.vocab[string(r)]
		if !ok {
			return fmt.Errorf("its vocabulary has no token for byte %d: %w", b, errFamily)
		}
		t.ofByte[b] = id
	}
	t.merges = make(map[[2]int]merge, len(f.Model.Merges))
	for rank, raw := range f.Model.Merges {
		var pair []string
		var line string
		if json.Unmarshal(raw, &line) == nil {
			pair = strings.SplitN(line, " ", 2)
		} else if err := json.Unmarshal(raw, &pair); err != nil {
			return fmt.Errorf("merge %d: %w", rank, err)
		}
		if len(pair) != 2 {
			return fmt.Errorf("merge %d is no pair", rank)
		}
		a, okA := t.vocab[pair[0]]
		b, okB := t.vocab[pair[1]]
		ab, okAB := t.vocab[pair[0]+pair[1]]
		if !okA || !okB || !okAB {
			return fmt.Errorf("merge %d: %q and %q or what they make are not in its vocabulary", rank, pair[0], pair[1])
		}
		t.merges[[2]int{a, b}] = merge{rank, ab}
	}
	return nil
}
