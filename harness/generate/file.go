package generate

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// file is a file of rows that appears whole or not at all.
type file struct {
	path string
	tmp  *os.File
	buf  *bufio.Writer
	rows *json.Encoder
}

func newFile(path string) (*file, error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	f := &file{path: path, tmp: tmp, buf: bufio.NewWriterSize(tmp, 1<<16)}
	f.rows = json.NewEncoder(f.buf)
	f.rows.SetEscapeHTML(false)
	return f, nil
}

func (f *file) write(row any) error {
	if err := f.rows.Encode(row); err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	return nil
}

// commit gives the file its name.
func (f *file) commit() error {
	err := errors.Join(f.buf.Flush(), f.tmp.Sync(), f.tmp.Chmod(0o644), f.tmp.Close())
	if err == nil {
		err = os.Rename(f.tmp.Name(), f.path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	return nil
}

// discard removes what has not been committed.
func (f *file) discard() {
	_ = f.tmp.Close()
	_ = os.Remove(f.tmp.Name())
}
