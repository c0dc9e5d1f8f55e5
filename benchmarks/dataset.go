package benchmarks

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/assay-dev/assay/internal/jsonl"
)

// Bounds of a data set. The largest that is known unpacks to 8 MB.
const (
	maxFile    = 256 << 20
	maxContent = 512 << 20
)

// dataset is the bytes of a suite.
type dataset struct {
	info    Info
	name    string   // of the file, for messages
	content []byte   // unpacked; nil where it stays in parts
	parts   []part   // files that are read row by row
	sums    []string // SHA-256 of the file and of the content
}

var errTooBig = errors.New("too big for a data set")

// readDataset takes in the bytes of a file, unpacking them.
func readDataset(info Info, name string, file []byte) (*dataset, error) {
	if len(file) == 0 {
		return nil, &jsonl.Error{File: name, Err: errors.New("the file is empty")}
	}
	r, err := jsonl.Decompress(bytes.NewReader(file))
	if err != nil {
		return nil, &jsonl.Error{File: name, Err: err}
	}
	content, err := readAll(r, maxContent)
	if err != nil {
		return nil, &jsonl.Error{File: name, Err: err}
	}
	return &dataset{info: info, name: name, content: content, sums: []string{sum(file), sum(content)}}, nil
}

// readFile reads a file of the user's into memory, if it is no bigger than
// maxFile.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readAll(f, maxFile)
	if err != nil {
		return nil, &jsonl.Error{File: path, Err: err}
	}
	return data, nil
}

// readAll reads at most limit bytes.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", errTooBig, limit)
	}
	return data, nil
}

// known says whether the bytes are those that the catalogue has.
func (d *dataset) known() bool {
	return slices.ContainsFunc(d.sums, func(s string) bool { return slices.Contains(d.info.Sums, s) })
}

// verify is known as an error that says what to do.
func (d *dataset) verify() error {
	if d.known() {
		return nil
	}
	return &jsonl.Error{File: d.name, Err: fmt.Errorf("wrong checksum: %s has sha-256 %s, this is %s",
		d.info.Spec(), d.info.Sums[0], d.sums[0])}
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// contentSum is the SHA-256 of the content.
func (d *dataset) contentSum() string { return d.sums[len(d.sums)-1] }

// md5 is that of the content; nobody asks for that of parts.
func (d *dataset) md5() string {
	if len(d.parts) > 0 {
		return ""
	}
	h := md5.Sum(d.content)
	return hex.EncodeToString(h[:])
}
