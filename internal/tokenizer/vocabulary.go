package tokenizer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
)

// Files of a model's folder.
const (
	File         = "tokenizer.json"
	settingsFile = "tokenizer_config.json"
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
	text, err := learn(corpus, size)
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
	settings, err := read(filepath.Join(dir, settingsFile))
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
	return plainfile.Read(context.Background(), path, vocabularyMaxFile)
}

// Write writes its files into a model's folder.
func (v *Vocabulary) Write(dir string) error {
	if err := os.WriteFile(filepath.Join(dir, File), v.text, 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, settingsFile), v.settings, 0o666)
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

// LeastVocabulary is the least size of a vocabulary: a token for each byte and the end.
const LeastVocabulary = 257

// maxSize bounds a vocabulary: learning one is simple here, and not fast.
const maxSize = 1 << 15

// End is the text of the token that ends a text, and endID its id.
const (
	End   = "<|end|>"
	endID = 256
)

// learn makes the tokenizer.json of a vocabulary of so many tokens. A corpus
// that has fewer pairs to merge makes a smaller one.
func learn(corpus []string, size int) ([]byte, error) {
	if size < LeastVocabulary || size > maxSize {
		return nil, fmt.Errorf("a vocabulary of %d tokens: it has %d (bytes) to %d", size, LeastVocabulary, maxSize)
	}
	l := learner{pieces: make([]string, LeastVocabulary)}
	for b := range 256 {
		l.pieces[b] = string([]byte{byte(b)})
	}
	if size > LeastVocabulary {
		if err := l.read(corpus); err != nil {
			return nil, err
		}
	}
	for len(l.pieces) < size && l.merge() {
	}
	return l.text()
}

// learner is a vocabulary in the making.
type learner struct {
	pieces []string // by id; that of the end is empty
	merges [][2]int
	words  []word
}

// word is a word of the corpus, and how often it is there.
type word struct {
	ids   []int32
	count int
}

// read counts the words of the corpus.
func (l *learner) read(corpus []string) error {
	text, err := l.text()
	if err != nil {
		return err
	}
	t, err := Parse("bytes", text)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for _, text := range corpus {
		words, err := t.Words(text)
		if err != nil {
			return err
		}
		for _, w := range words {
			counts[w]++
		}
	}
	for text, n := range counts {
		w := word{count: n}
		for i := range len(text) {
			w.ids = append(w.ids, int32(text[i]))
		}
		l.words = append(l.words, w)
	}
	return nil
}

// merge makes a token of the pair that is there most often, of equal ones the
// one whose ids come first, and says whether any is there twice.
func (l *learner) merge() bool {
	counts := map[[2]int32]int{}
	for _, w := range l.words {
		for i := range len(w.ids) - 1 {
			counts[[2]int32{w.ids[i], w.ids[i+1]}] += w.count
		}
	}
	var best [2]int32
	most := 1
	for pair, n := range counts {
		if n > most || n == most && n > 1 && slices.Compare(pair[:], best[:]) < 0 {
			best, most = pair, n
		}
	}
	if most < 2 {
		return false
	}
	to := int32(len(l.pieces))
	l.pieces = append(l.pieces, l.pieces[best[0]]+l.pieces[best[1]])
	l.merges = append(l.merges, [2]int{int(best[0]), int(best[1])})
	for i, w := range l.words {
		l.words[i].ids = replace(w.ids, best, to)
	}
	return true
}

// replace puts a token in place of a pair, from the left.
func replace(ids []int32, pair [2]int32, to int32) []int32 {
	out := ids[:0]
	for i := 0; i < len(ids); i++ {
		if i+1 < len(ids) && ids[i] == pair[0] && ids[i+1] == pair[1] {
			out = append(out, to)
			i++
		} else {
			out = append(out, ids[i])
		}
	}
	return out
}

// text is the tokenizer.json.
func (l *learner) text() ([]byte, error) {
	alphabet := Alphabet()
	sign := func(id int) string {
		var b bytes.Buffer
		for i := range len(l.pieces[id]) {
			b.WriteRune(alphabet[l.pieces[id][i]])
		}
		return b.String()
	}
	vocab := map[string]int{End: endID} // there too, or Hugging Face's library gives it another id
	for id := range l.pieces {
		if id != endID {
			vocab[sign(id)] = id
		}
	}
	merges := [][2]string{}
	for _, m := range l.merges {
		merges = append(merges, [2]string{sign(m[0]), sign(m[1])})
	}
	byteLevel := map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": true}
	text, err := jsonl.Marshal(map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil, "normalizer": nil, "post_processor": nil,
		"pre_tokenizer": byteLevel, "decoder": byteLevel,
		"added_tokens": []any{map[string]any{"id": endID, "content": End, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}},
		"model": map[string]any{
			"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil, "end_of_word_suffix": nil,
			"fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocab, "merges": merges,
		},
	})
	return append(text, '\n'), err
}
