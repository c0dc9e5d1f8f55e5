package pairs

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"text/template"

	"github.com/assay-dev/assay/internal/jsonl"
)

// CardVersion is the version of the form of the card.
const CardVersion = 1

// Card says what a file of pairs is and how it was made.
type Card struct {
	Version int `json:"version"`
	Options
	Assay    string `json:"assay"`
	Traces   File   `json:"traces"`
	Tokens   string `json:"tokens"`          // how they were counted
	Backend  string `json:"judge,omitempty"` // who served the judge model
	Question string `json:"judge_question_sha256,omitempty"`
	Counts   Counts `json:"counts"`
	// Languages are those of the pairs that were kept, sorted.
	Languages []string `json:"languages"`
	Files     []File   `json:"files"`
}

// measure counts the lines of a file, and hashes it.
func measure(path string) (lines int64, as File, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, File{}, err
	}
	defer f.Close()
	as.Name = filepath.Base(path)
	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(f, sum), 1<<16)
	for err == nil {
		var part []byte
		part, err = in.ReadSlice('\n')
		as.Bytes += int64(len(part))
		switch {
		case err == nil:
			lines++
		case errors.Is(err, bufio.ErrBufferFull):
			err = nil
		}
	}
	if err != io.EOF {
		return 0, File{}, fmt.Errorf("%s: %w", path, err)
	}
	as.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return lines, as, nil
}

// finish writes the cards and gives the files their names.
func (m *making) finish(traces File) (*Card, error) {
	written, err := m.files.close()
	if err != nil {
		return nil, err
	}
	card := &Card{
		Version: CardVersion, Options: m.Options, Assay: m.Assay, Traces: traces,
		Tokens: m.Tokens.String(), Counts: m.counts, Files: written,
		Languages: slices.Sorted(maps.Keys(m.languages)),
	}
	if m.Judge != nil {
		sum := sha256.Sum256([]byte(question))
		card.Backend, card.Question = m.Judge.Identity(), hex.EncodeToString(sum[:])
	}
	data, err := jsonl.Marshal(card)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, append(data, '\n'), "", "  "); err != nil {
		return nil, err
	}
	readme, err := card.readme(m.Out)
	if err != nil {
		return nil, err
	}
	return card, m.files.commit(text.Bytes(), readme)
}

// cardMark is the line by which a README.md is known as the card of a file.
func cardMark(out string) string { return "# Written by assay pairs for " + filepath.Base(out) + "\n" }

//go:embed card.md
var cardText string

var cardTemplate = template.Must(template.New("card").Funcs(template.FuncMap{"size": sizeCategory}).Parse(cardText))

// readme is the card in the form of a data-set card: a head for programs, and
// text.
func (c *Card) readme(out string) ([]byte, error) {
	var b bytes.Buffer
	err := cardTemplate.Execute(&b, struct {
		*Card
		Mark string
	}{c, cardMark(out)})
	return b.Bytes(), err
}

func sizeCategory(n int) string {
	for _, c := range []struct {
		below int
		name  string
	}{{1e3, "n<1K"}, {1e4, "1K<n<10K"}, {1e5, "10K<n<100K"}, {1e6, "100K<n<1M"}} {
		if n < c.below {
			return c.name
		}
	}
	return "1M<n<10M"
}

// Says is what a filter drops, in words.
func (o Options) Says(filter string) string {
	switch filter {
	case OnlyComments:
		return "only comments in D⁻"
	case ManyLines:
		return fmt.Sprintf("more than %d lines in D⁻", o.MaxLines)
	case ManyTokens:
		return fmt.Sprintf("a program of more than %d tokens", o.MaxTokens)
	case EqualTrees:
		return "equal syntax trees"
	case Similar:
		return "near-duplicates of an earlier pair"
	case Surface:
		return "only the surface differs, says the judge model"
	}
	return filter
}
