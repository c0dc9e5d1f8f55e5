package benchmarks

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
)

// File is one pinned file of a data set.
type File struct {
	Name   string `json:"file"`
	URL    string `json:"url"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// dataset is the files of a suite where they were found, one or several. They
// are read one after the other, as one stream of rows, and held to their
// checksums as they are read.
type dataset struct {
	info  Info
	name  string // for messages about the whole
	parts []part
}

// part is one file of a data set on this machine.
type part struct {
	ctx     context.Context // of who reads it; nil: nobody gives up
	name    string          // its path, or what messages call it
	content []byte          // what is in it; nil: it lies at name
	want    []string        // the sums that it may have, as it lies or unpacked; nil: any
	wayOut  string          // what to do where it has another

	// Once it was read: SHA-256 as it lies, SHA-256 and MD5 of what it unpacks to.
	raw, plain, md5 string
}

// Bounds of a data set, in bytes: the largest file that is known has 1.3 GB, in
// 400 rows, and the largest that is one JSON array has 255 kB.
var rowBounds = jsonl.Bounds{Line: 1 << 30, Total: 64 << 30}

const maxArray = 512 << 20

func (p *part) open() (io.ReadCloser, error) {
	if p.content != nil {
		return io.NopCloser(bytes.NewReader(p.content)), nil
	}
	ctx := p.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	f, err := plainfile.Open(ctx, p.name)
	if err != nil {
		return nil, fmt.Errorf("read the data set: %w", err)
	}
	return f, nil
}

// read hands what the part unpacks to over to visit, takes its sums, and says
// whether it is the file that it should be: where it isn't, that is what is wrong
// with it, whatever else visit says.
func (p *part) read(d *dataset, visit func(in io.Reader, packed bool) error) error {
	f, err := p.open()
	if err != nil {
		return err
	}
	defer f.Close()
	raw, plain, sum5 := sha256.New(), sha256.New(), md5.New()
	in := bufio.NewReaderSize(io.TeeReader(f, raw), 1<<20)
	magic, _ := in.Peek(2)
	packed := bytes.Equal(magic, []byte{0x1f, 0x8b})
	unpacked, err := jsonl.Decompress(in)
	if err != nil {
		err = &jsonl.Error{File: p.name, Err: err}
	} else {
		if !d.info.asItLies {
			unpacked = io.TeeReader(unpacked, io.MultiWriter(plain, sum5))
		}
		if err = visit(unpacked, packed); err == nil || p.want != nil {
			_, _ = io.Copy(io.Discard, unpacked) // where it is damaged, visit or the sum say it
		}
	}
	if err == nil || p.want != nil {
		if _, rest := io.Copy(io.Discard, in); err == nil { // what follows the packed data
			err = rest
		}
	}
	p.raw, p.plain, p.md5 = hexOf(raw), hexOf(plain), hexOf(sum5)
	if p.want != nil && !p.known(p.want) {
		return d.mismatch(p)
	}
	return err
}

func hexOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

func (p *part) known(sums []string) bool {
	return slices.Contains(sums, p.raw) || slices.Contains(sums, p.plain)
}

// mismatchError says that a file is not the one that was asked for.
type mismatchError struct{ text string }

func (e *mismatchError) Error() string { return e.text }

func (d *dataset) mismatch(p *part) error {
	text := "the file is another than the one that was added: add the suite again"
	if d.info.path == "" {
		text = fmt.Sprintf("wrong checksum: %s has sha-256 %s, this is %s", d.info.nameOf(p.want[0]), p.want[0], p.raw)
	}
	return &mismatchError{fmt.Sprintf("%s: %s%s", p.name, text, p.wayOut)}
}

// sum is the SHA-256 of the whole. That of several files is over theirs.
func (d *dataset) sum() string {
	var sums []string
	for _, p := range d.parts {
		if d.info.asItLies {
			sums = append(sums, p.raw)
		} else {
			sums = append(sums, p.plain)
		}
	}
	if len(sums) == 1 {
		return sums[0]
	}
	whole := sha256.Sum256([]byte(strings.Join(sums, "")))
	return hex.EncodeToString(whole[:])
}

// md5 is that of the content; nobody asks for that of files as they lie.
func (d *dataset) md5() string {
	if d.info.asItLies {
		return ""
	}
	return d.parts[0].md5
}

// eachLine calls visit for every row of a data set of JSON lines. What visit
// keeps of a row it has to copy.
func (d *dataset) eachLine(visit func(row) error) error {
	for i := range d.parts {
		p := &d.parts[i]
		err := p.read(d, func(in io.Reader, packed bool) error {
			return p.eachLine(in, !packed && p.content == nil, visit)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *part) eachLine(in io.Reader, lies bool, visit func(row) error) error {
	lines, err := jsonl.NewReader(p.name, in, rowBounds)
	if err != nil {
		return err
	}
	for text, err := range lines.All() {
		if err != nil {
			return err
		}
		line := lines.Line()
		r := row{file: p.name, line: line, text: text}
		if p.want == nil { // nobody has looked at it before
			if err := jsonl.Unique(text); err != nil {
				return lines.Errorf("%w", err)
			}
		}
		if lies {
			r.place = &place{path: p.name, line: line, offset: lines.Offset(), size: len(text)}
		}
		if err := r.visit(visit); err != nil {
			return err
		}
	}
	return nil
}

// eachItem calls visit for every row of files that are one JSON array each.
func (d *dataset) eachItem(visit func(row) error) error {
	for i := range d.parts {
		p := &d.parts[i]
		err := p.read(d, func(in io.Reader, _ bool) error {
			content, err := plainfile.ReadAll(in, maxArray)
			if err != nil {
				return &jsonl.Error{File: p.name, Err: err}
			}
			return jsonl.Items(p.name, content, func(raw []byte, line int) error {
				r := row{file: p.name, line: line, text: raw}
				err := r.split()
				if err == nil && p.want == nil {
					err = jsonl.Unique(raw)
				}
				if err != nil {
					return err
				}
				return visit(r)
			})
		})
		if err != nil {
			return err
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
	f, err := plainfile.Open(context.Background(), p.path)
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
