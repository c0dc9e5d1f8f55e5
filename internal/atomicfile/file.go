package atomicfile

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// File is a file that is being written. It is an io.Writer.
type File struct {
	path string
	tmp  *os.File
	buf  *bufio.Writer
	rows *json.Encoder
}

// Create begins a file beside its path.
func Create(path string) (*File, error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	f := &File{path: path, tmp: tmp, buf: bufio.NewWriterSize(tmp, 1<<16)}
	f.rows = json.NewEncoder(f.buf)
	f.rows.SetEscapeHTML(false)
	return f, nil
}

// Write appends bytes.
func (f *File) Write(data []byte) (int, error) {
	n, err := f.buf.Write(data)
	if err != nil {
		err = fmt.Errorf("writing %s: %w", f.path, err)
	}
	return n, err
}

// Row appends a value as a line of JSON.
func (f *File) Row(row any) error {
	if err := f.rows.Encode(row); err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	return nil
}

// Commit gives the file its name.
func (f *File) Commit() error {
	err := errors.Join(f.buf.Flush(), f.tmp.Sync(), f.tmp.Chmod(0o644), f.tmp.Close())
	if err == nil {
		err = os.Rename(f.tmp.Name(), f.path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	return nil
}

// Discard removes what has not been committed.
func (f *File) Discard() {
	_ = f.tmp.Close()
	_ = os.Remove(f.tmp.Name())
}
