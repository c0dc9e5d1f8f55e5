package pairs

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/trainer/mask"
)

// CardName is the data card beside the pairs, as a hub of data sets shows it.
const CardName = "README.md"

// ParquetPath is where the same pairs go as columns.
func ParquetPath(out string) string { return beside(out, ".parquet") }

// CardPath is where the card goes as data.
func CardPath(out string) string { return beside(out, ".card.json") }

// LogPath is where the judge model's answers go.
func LogPath(out string) string { return beside(out, ".requests.jsonl") }

func beside(out, suffix string) string { return strings.TrimSuffix(out, ".jsonl") + suffix }

// files are what a run writes: all of them, or none.
type files struct {
	out     string
	format  Format
	lines   *hashed
	parquet *hashed
	columns columns
}

// hashed is a file with its hash.
type hashed struct {
	*atomicfile.File
	path string
	sum  hash.Hash
	size int64
}

func create(path string) (*hashed, error) {
	f, err := atomicfile.Create(path)
	if err != nil {
		return nil, err
	}
	return &hashed{File: f, path: path, sum: sha256.New()}, nil
}

func (h *hashed) Write(data []byte) (int, error) {
	h.sum.Write(data)
	h.size += int64(len(data))
	return h.File.Write(data)
}

// File is a file as a card names it.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func (h *hashed) describe() File {
	return File{filepath.Base(h.path), h.size, hex.EncodeToString(h.sum.Sum(nil))}
}

// openFiles begins the files. What isn't of a run of ours is not written over.
func openFiles(out string, f Format) (*files, error) {
	if err := mayWrite(out); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of %s: %w; name another place with --out", out, err)
	}
	lines, err := create(out)
	if err != nil {
		return nil, fmt.Errorf("%w; name another place with --out", err)
	}
	columnFile, err := create(ParquetPath(out))
	if err != nil {
		lines.Discard()
		return nil, err
	}
	return &files{out, f, lines, columnFile, newColumns(columnFile, f)}, nil
}

// mayWrite refuses to write over a README.md or pairs that no run of ours wrote.
func mayWrite(out string) error {
	readme := filepath.Join(filepath.Dir(out), CardName)
	head := make([]byte, 1024)
	n, err := readHead(readme, head)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !strings.Contains(string(head[:n]), cardMark(out)):
		return fmt.Errorf("%s is there and is no data card of %s: a data set has a folder of its own, name a file in one with --out", readme, filepath.Base(out))
	}
	if _, err := os.Lstat(CardPath(out)); err == nil {
		return nil
	}
	for _, path := range []string{out, ParquetPath(out)} {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s is there, without the card of the run that wrote it: move it away, or name another file with --out", path)
		}
	}
	return nil
}

func readHead(path string, head []byte) (int, error) {
	f, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, err
}

func (f *files) add(r Row) error {
	line, err := jsonl.Marshal(f.format.of(r))
	if err != nil {
		return fmt.Errorf("pair %s: %w", r.ID, err)
	}
	if _, err := f.lines.Write(append(line, '\n')); err != nil {
		return err
	}
	if err := f.columns.add(r); err != nil {
		return fmt.Errorf("%s: pair %s: %w", f.parquet.path, r.ID, err)
	}
	return nil
}

// close ends both files, and describes them.
func (f *files) close() ([]File, error) {
	if err := f.columns.close(); err != nil {
		return nil, fmt.Errorf("%s: %w", f.parquet.path, err)
	}
	return []File{f.lines.describe(), f.parquet.describe()}, nil
}

// commit gives all files their names, the cards last.
func (f *files) commit(card, readme []byte) error {
	if err := errors.Join(f.lines.Commit(), f.parquet.Commit()); err != nil {
		return err
	}
	return errors.Join(atomicfile.Write(filepath.Join(filepath.Dir(f.out), CardName), readme), atomicfile.Write(CardPath(f.out), card))
}

func (f *files) discard() {
	f.lines.Discard()
	f.parquet.Discard()
}

// columns writes rows as Parquet, in the columns that the lines of JSON have:
// what reads one reads the other.
type columns interface {
	add(Row) error
	close() error
}

// columnsOf are the columns, with texts of a form. A span is a list of two numbers.
type columnsOf[T any] struct {
	Version           int64     `parquet:"version"`
	ID                string    `parquet:"id"`
	Prompt            T         `parquet:"prompt"`
	Chosen            T         `parquet:"chosen"`
	Rejected          T         `parquet:"rejected"`
	ChosenSpans       [][]int64 `parquet:"chosen_spans,list"`
	RejectedSpans     [][]int64 `parquet:"rejected_spans,list"`
	TaskID            string    `parquet:"task_id"`
	Sample            int64     `parquet:"sample"`
	ChosenIteration   int64     `parquet:"chosen_iteration"`
	RejectedIteration int64     `parquet:"rejected_iteration"`
	RejectedVerdict   string    `parquet:"rejected_verdict"`
}

type messageColumn struct {
	Role    string `parquet:"role"`
	Content string `parquet:"content"`
}

type columnWriter[T any] struct {
	out  *parquet.GenericWriter[columnsOf[T]]
	form func(who model.Role, text string) T
}

// groupRows is how many rows are kept together, and in memory until then.
const groupRows = 1000

func newColumns(w io.Writer, f Format) columns {
	if f == Conversational {
		return newColumnWriter(w, func(who model.Role, text string) []messageColumn {
			return []messageColumn{{string(who), text}}
		})
	}
	return newColumnWriter(w, func(_ model.Role, text string) string { return text })
}

func newColumnWriter[T any](w io.Writer, form func(model.Role, string) T) *columnWriter[T] {
	out := parquet.NewGenericWriter[columnsOf[T]](w, parquet.Compression(&zstd.Codec{}),
		parquet.MaxRowsPerRowGroup(groupRows), parquet.CreatedBy("assay", "pairs", "1"))
	return &columnWriter[T]{out, form}
}

func (c *columnWriter[T]) add(r Row) error {
	_, err := c.out.Write([]columnsOf[T]{{
		Version: int64(r.Version), ID: r.ID,
		Prompt: c.form(model.User, r.Prompt), Chosen: c.form(model.Assistant, r.Chosen), Rejected: c.form(model.Assistant, r.Rejected),
		ChosenSpans: lists(r.ChosenSpans.Spans), RejectedSpans: lists(r.RejectedSpans.Spans),
		TaskID: r.TaskID, Sample: int64(r.Sample),
		ChosenIteration: int64(r.ChosenIteration), RejectedIteration: int64(r.RejectedIteration), RejectedVerdict: string(r.RejectedVerdict),
	}})
	return err
}

func (c *columnWriter[T]) close() error { return c.out.Close() }

func lists(spans []mask.Span) [][]int64 {
	out := make([][]int64, len(spans))
	for i, s := range spans {
		out[i] = []int64{int64(s.Start), int64(s.End)}
	}
	return out
}

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
	f, err := plainfile.Open(context.Background(), path)
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
