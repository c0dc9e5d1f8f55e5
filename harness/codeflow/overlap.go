package codeflow

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/assay-dev/assay/benchmarks"
)

// DefaultNGram is how many words in a row make a task a benchmark's: ten, as
// Cosmopedia and Qwen2.5-Coder were decontaminated; GPT-3 and phi-1 looked at 13.
const DefaultNGram = 10

// fewest is the shortest problem that is looked for, in words: what is shorter is
// nobody's.
const fewest = 6

// Overlaps finds tasks that are close to a benchmark's problems: they have so
// many words in a row in common, whatever their case and what stands between
// them. A problem of fewer words is looked for as a whole.
type Overlaps struct {
	n     int
	grams map[int]map[string]string // by number of words: the words, and whose they are
}

// NewOverlaps makes one that knows no problem yet.
func NewOverlaps(n int) (*Overlaps, error) {
	if n < fewest {
		return nil, fmt.Errorf("--ngram %d: fewer than %d words in a row are in common by chance", n, fewest)
	}
	return &Overlaps{n: n, grams: map[int]map[string]string{}}, nil
}

// Add has a suite's problems looked for. What belongs to several is the first
// one's.
func (o *Overlaps) Add(s *benchmarks.Suite) {
	for _, p := range s.Problems {
		words := wordsOf(p.Text())
		if len(words) < fewest {
			continue
		}
		n := min(o.n, len(words))
		if o.grams[n] == nil {
			o.grams[n] = map[string]string{}
		}
		for i := range len(words) - n + 1 {
			gram := strings.Join(words[i:i+n], " ")
			if _, there := o.grams[n][gram]; !there {
				o.grams[n][gram] = s.Name + " " + p.ID
			}
		}
	}
}

// find is the first overlap of a text; nil where there is none.
func (o *Overlaps) find(text string) *Overlap {
	if o == nil {
		return nil
	}
	words := wordsOf(text)
	for i := range words {
		for n := min(o.n, len(words)-i); n >= fewest; n-- {
			gram := strings.Join(words[i:i+n], " ")
			if problem, there := o.grams[n][gram]; there {
				return &Overlap{Problem: problem, Words: gram}
			}
		}
	}
	return nil
}

// wordsOf are the runs of letters and digits of a text, in lower case.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
