package pairs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/jsonl"
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
	f, err := os.Open(path)
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
