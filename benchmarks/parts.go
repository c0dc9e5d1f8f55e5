package benchmarks

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/internal/jsonl"
)

// File is one of the files of a suite that has several, or a large one: such
// files stay where they are and are read row by row.
type File struct {
	Name   string `json:"file"`
	URL    string `json:"url"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// part is such a file on this machine.
type part struct {
	path string
	want string // its SHA-256, where one is known
	sum  string // once it was read
}

// Bounds of a part: the largest that is known has 1.3 GB, in 400 rows.
var partBounds = jsonl.Bounds{Line: 1 << 30, Total: 64 << 30}

// eachLineOfParts reads the parts one after the other, and their sums with them.
// That of several is over theirs.
func (d *dataset) eachLineOfParts(visit func(row) error) error {
	whole := sha256.New()
	for i := range d.parts {
		if err := d.parts[i].eachLine(visit); err != nil {
			return err
		}
		d.sums = []string{d.parts[i].sum}
		io.WriteString(whole, d.parts[i].sum)
	}
	if len(d.parts) > 1 {
		d.sums = []string{hex.EncodeToString(whole.Sum(nil))}
	}
	return nil
}

func (p *part) eachLine(visit func(row) error) error {
	f, err := os.Open(p.path)
	if err != nil {
		return fmt.Errorf("read the data set: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(f, sum), 1<<20)
	magic, _ := in.Peek(2)
	packed := bytes.Equal(magic, []byte{0x1f, 0x8b})
	err = eachLine(p.path, in, partBounds, func(text []byte, line int, offset int64) error {
		r := row{file: p.path, line: line, text: text}
		if !packed {
			r.place = &place{path: p.path, line: line, offset: offset, size: len(text)}
		}
		err := r.split()
		if err == nil {
			err = visit(r)
		}
		if err != nil {
			return &jsonl.Error{File: p.path, Line: line, Err: err}
		}
		return nil
	})
	if err == nil {
		_, err = io.Copy(io.Discard, in) // what follows the last row of packed data
	}
	p.sum = hex.EncodeToString(sum.Sum(nil))
	return err
}

// checkParts says which part is not the one that it should be.
func (d *dataset) checkParts() error {
	for _, p := range d.parts {
		if d.info.path == p.path && p.sum != p.want {
			return &jsonl.Error{File: p.path, Err: errors.New("the file is another than the one that was added: add the suite again")}
		}
		if p.want != "" && p.sum != p.want {
			return &jsonl.Error{File: p.path, Err: fmt.Errorf("wrong checksum: %s of %s has sha-256 %s, this is %s: to read it as it is, ask for %s without a version and pass --data FILE",
				filepath.Base(p.path), d.info.Spec(), p.want, p.sum, d.info.Name)}
		}
	}
	return nil
}

// place is where a row lies in a file.
type place struct {
	path   string
	line   int
	offset int64
	size   int
}

// read gives the row again, if it is still the one that has this sum.
func (p place) read(sum [32]byte) ([]byte, error) {
	f, err := os.Open(p.path)
	if err != nil {
		return nil, fmt.Errorf("read the data set again: %w", err)
	}
	defer f.Close()
	text := make([]byte, p.size)
	if _, err := f.ReadAt(text, p.offset); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the data set again: %w", err)
	}
	if sha256.Sum256(text) != sum {
		return nil, &jsonl.Error{File: p.path, Line: p.line, Err: errors.New("the row is another than when the data set was opened: don't change the file while it is in use")}
	}
	return text, nil
}

// locateParts finds the files of a suite that has several: the file or the folder that
// the user named, a folder in DataDir that has them all, or the cache.
func locateParts(ctx context.Context, info Info, spec string, o Options) (*dataset, error) {
	switch {
	case o.DataFile != "":
		return partsFrom(info, o.DataFile, spec)
	case info.path != "":
		return &dataset{info: info, name: info.path, parts: []part{{path: info.path, want: info.Sums[0]}}}, nil
	case len(info.Files) == 0:
		return nil, unknown(info)
	case o.DataDir != "":
		for _, dir := range []string{".", info.Name, "code_generation_lite"} {
			if d, err := partsIn(info, filepath.Join(o.DataDir, dir)); err == nil {
				return d, nil
			}
		}
	}
	if o.Cache != nil {
		if d, err := cachedParts(info, o.Cache); err == nil {
			return d, nil
		}
	}
	if o.Large {
		return fetchParts(ctx, info, o)
	}
	total := int64(0)
	for _, f := range info.Files {
		total += f.Bytes
	}
	return nil, fmt.Errorf("%s: its %d files have %.1f GB, and are not fetched unasked: fetch them with assay suites pull %s, or pass the folder that has them as --data",
		info.Spec(), len(info.Files), float64(total)/1e9, info.Spec())
}

func partsFrom(info Info, path, spec string) (*dataset, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: read the data set: %w", spec, err)
	}
	if stat.IsDir() {
		return partsIn(info, path)
	}
	d := &dataset{info: info, name: path, parts: []part{{path: path}}}
	switch {
	case spec == info.Name: // no version was asked for
		d.info.Version, d.info.Files = "custom", nil
	case len(info.Files) == 1:
		d.parts[0].want = info.Files[0].SHA256
	case len(info.Files) > 1:
		return nil, fmt.Errorf("%s has %d files: pass the folder that has them as --data, or ask for %s without a version to read this one as it is", spec, len(info.Files), info.Name)
	}
	return d, nil
}

func partsIn(info Info, dir string) (*dataset, error) {
	d := &dataset{info: info, name: dir}
	if len(info.Files) == 0 {
		return nil, fmt.Errorf("%s: %s is a folder: pass the file", info.Spec(), dir)
	}
	for _, f := range info.Files {
		path := filepath.Join(dir, f.Name)
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%s: read the data set: %w", info.Spec(), err)
		}
		d.parts = append(d.parts, part{path: path, want: f.SHA256})
	}
	return d, nil
}
