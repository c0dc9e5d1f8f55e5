package tokenizer

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/internal/jsonl"
)

// LeastVocabulary is the least size of a vocabulary: a token for each byte and the end.
const LeastVocabulary = 257

// maxSize bounds a vocabulary: learning one is simple here, and not fast.
const maxSize = 1 << 15

// End is the text of the token that ends a text, and endID its id.
const (
	End   = "<|end|>"
	endID = 256
)

// Learn makes the tokenizer.json of a vocabulary of so many tokens. A corpus
// that has fewer pairs to merge makes a smaller one.
func Learn(corpus []string, size int) ([]byte, error) {
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
