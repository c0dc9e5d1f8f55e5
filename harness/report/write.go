package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/assay-dev/assay/internal/atomicfile"
)

// Format is what a report is written as.
type Format string

// Formats are those that there are.
var Formats = []Format{HTML, Markdown, CSV}

const (
	HTML     Format = "html"
	Markdown Format = "md"
	CSV      Format = "csv"
)

// marks are what a report of a format has near its beginning, by which it is
// known as one.
var marks = map[Format]string{
	HTML:     `<meta name="generator" content="assay report">`,
	Markdown: "<!-- assay report -->",
	CSV:      "kind,folder,",
}

// nearBeginning is how far a mark is looked for, in bytes.
const nearBeginning = 4 << 10

// Write writes the report.
func (r *Report) Write(w io.Writer, f Format) error {
	switch f {
	case HTML:
		return r.html(w)
	case Markdown:
		return r.markdown(w)
	}
	return r.csv(w)
}

// Replaceable says why a file may not be written over: it is there and is no
// report of this format.
func Replaceable(path string, f Format) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, nearBeginning))
	if err != nil {
		return err
	}
	if bytes.Contains(head, []byte(marks[f])) {
		return nil
	}
	return fmt.Errorf("%s is there and is no %s report of assay: name another file with -o, or write over it with --force", path, strings.ToUpper(string(f)))
}

// Save writes a file whole or not at all.
func Save(path string, data []byte) error {
	f, err := atomicfile.Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}
