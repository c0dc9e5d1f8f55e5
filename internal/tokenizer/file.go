package tokenizer

import (
	"container/heap"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/dlclark/regexp2/v2"
	"golang.org/x/text/unicode/norm"

	"github.com/assay-dev/assay/internal/plainfile"
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
	f, err := plainfile.Open(context.Background(), path)
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

// gpt2 is the pattern that ByteLevel splits by.
const gpt2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

func (t *Tokenizer) readAdded(f file) error {
	var texts []string
	t.addedID = make(map[string]int, len(f.Added))
	for _, a := range f.Added {
		if a.SingleWord || a.Left || a.Right {
			return fmt.Errorf("its token %q takes in what stands beside it: %w", a.Content, errFamily)
		}
		if a.Content != "" {
			texts = append(texts, regexp.QuoteMeta(a.Content))
			t.addedID[a.Content] = a.ID
		}
	}
	if len(texts) == 0 {
		return nil
	}
	var err error
	if t.added, err = regexp.Compile(strings.Join(texts, "|")); err != nil {
		return err
	}
	t.added.Longest()
	return nil
}

func (t *Tokenizer) readNormalizer(p *part) error {
	if p == nil {
		return nil
	}
	switch p.Type {
	case "Sequence":
		var err error
		for i := range p.Normalizer {
			err = errors.Join(err, t.readNormalizer(&p.Normalizer[i]))
		}
		return err
	case "NFC":
		t.forms = append(t.forms, norm.NFC)
	case "NFD":
		t.forms = append(t.forms, norm.NFD)
	case "NFKC":
		t.forms = append(t.forms, norm.NFKC)
	case "NFKD":
		t.forms = append(t.forms, norm.NFKD)
	default:
		return fmt.Errorf("its normalizer is %q: %w", p.Type, errFamily)
	}
	return nil
}

func (t *Tokenizer) readSplits(p *part) error {
	switch {
	case p == nil:
		return nil
	case t.byteLevel:
		return fmt.Errorf("its pre-tokenizer goes on after ByteLevel: %w", errFamily)
	}
	pattern := ""
	switch {
	case p.Type == "Sequence":
		for i := range p.Pre {
			if err := t.readSplits(&p.Pre[i]); err != nil {
				return err
			}
		}
		return nil
	case p.Type == "ByteLevel":
		t.byteLevel = true
		if p.UseRegex == nil || *p.UseRegex {
			pattern = gpt2
		}
	case p.Type == "Digits" && p.Individual:
		pattern = `\p{N}`
	case p.Type == "Digits":
		pattern = `\p{N}+`
	case p.Type == "Split" && p.Behavior == "Isolated" && !p.Invert && p.Pattern.Regex != "":
		pattern = p.Pattern.Regex
	case p.Type == "Split" && p.Behavior == "Isolated" && !p.Invert && p.Pattern.String != "":
		pattern = regexp2.Escape(p.Pattern.String)
	default:
		return fmt.Errorf("its pre-tokenizer is %q (%s): %w", p.Type, p.Behavior, errFamily)
	}
	s := split{prefix: p.Type == "ByteLevel" && p.Prefix}
	if pattern != "" {
		var err error
		if s.pattern, err = regexp2.Compile(pattern, regexp2.None); err != nil {
			return fmt.Errorf("its pre-tokenizer's pattern: %w", err)
		}
	}
	t.splits, t.prefix = append(t.splits, s), t.prefix || s.prefix
	return nil
}

// merge makes one piece of two.
type merge struct{ rank, to int }

// alphabet is the character that stands for each byte in a vocabulary.
var alphabet = func() (out [256]rune) {
	next := rune(256)
	for b := range out {
		r := rune(b)
		if r < '!' || r > '~' && r < '¡' || r == '\u00ad' {
			r = next
			next++
		}
		out[b] = r
	}
	return out
}()

// merged makes a word's tokens: its bytes, merged by rank, of equal ranks the
// first from the left.
func (t *Tokenizer) merged(word string) merging {
	n := len(word)
	if t.whole {
		if id, ok := t.known(word); ok {
			return merging{id: []int{id}, next: []int{n}, left: 1}
		}
	}
	w := merging{id: make([]int, n), next: make([]int, n), prev: make([]int, n), left: n}
	for i := range n {
		w.id[i], w.next[i], w.prev[i] = t.ofByte[word[i]], i+1, i-1
	}
	for i := range n - 1 {
		w.offer(t, i)
	}
	for len(w.open) > 0 {
		c := heap.Pop(&w.open).(chance)
		b := w.next[c.at]
		if w.id[c.at] != c.a || b >= n || w.id[b] != c.b {
			continue // one of the two went into another piece
		}
		w.id[c.at], w.id[b] = c.to, gone
		w.next[c.at] = w.next[b]
		if w.next[b] < n {
			w.prev[w.next[b]] = c.at
		}
		w.left--
		w.offer(t, w.prev[c.at])
		w.offer(t, c.at)
	}
	return w
}

func (t *Tokenizer) known(word string) (id int, ok bool) {
	runes := make([]rune, len(word))
	for i := range len(word) {
		runes[i] = alphabet[word[i]]
	}
	id, ok = t.vocab[string(runes)]
	return id, ok
}

// gone is the id of a piece that went into the one before.
const gone = -1

// merging is a word on its way: a list of pieces, by where they begin.
type merging struct {
	id, next, prev []int
	left           int // pieces
	open           chances
}

// chance is a merge that may be made.
type chance struct {
	merge
	at, a, b int
}

func (w *merging) offer(t *Tokenizer, at int) {
	if at < 0 || w.next[at] >= len(w.id) {
		return
	}
	a, b := w.id[at], w.id[w.next[at]]
	if m, ok := t.merges[[2]int{a, b}]; ok {
		heap.Push(&w.open, chance{m, at, a, b})
	}
}

type chances []chance

func (h chances) Len() int      { return len(h) }
func (h chances) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h chances) Less(i, j int) bool {
	if h[i].rank != h[j].rank {
		return h[i].rank < h[j].rank
	}
	return h[i].at < h[j].at
}
func (h *chances) Push(x any) { *h = append(*h, x.(chance)) }
func (h *chances) Pop() any {
	old := *h
	c := old[len(old)-1]
	*h = old[:len(old)-1]
	return c
}
