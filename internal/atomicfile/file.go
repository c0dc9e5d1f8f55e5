package atomicfile

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/assay-dev/assay/internal/plainfile"
)

// Options say how a file is written. The zero value suits a file that must not
// be lost.
type Options struct {
	// Mode is a new file's, before the umask (default 0666). A file that is
	// replaced keeps its own.
	Mode fs.FileMode
	// Unsynced leaves it to the system when the file reaches the disk: a power
	// cut may leave it torn or empty. It is for what can be made anew and is
	// found out when it is damaged, where a sync takes longer than making it.
	Unsynced bool
	// Aside is the folder of the temporary file, on the same disk as the path
	// (default: the path's own folder).
	Aside string
}

// File is a file that is being written. It is an io.Writer.
type File struct {
	path    string
	options Options
	out     *os.File
	buf     *bufio.Writer
	through bool // to what is at path, a device or a pipe
	release func()
}

// Create begins a file that will be at path. Where that is a link, the file it
// leads to is replaced. A device or a pipe is written to and stays.
func Create(path string) (*File, error) { return Options{}.Create(path) }

// Create begins a file that will be at path.
func (o Options) Create(path string) (*File, error) {
	f := &File{path: path, options: o}
	if err := f.open(); err != nil {
		return nil, f.failed(err)
	}
	f.buf = bufio.NewWriterSize(f.out, 1<<16)
	return f, nil
}

func (f *File) open() (err error) {
	was, absent := os.Stat(f.path)
	if absent == nil && !was.Mode().IsRegular() && !was.IsDir() {
		f.through = true
		f.out, err = os.OpenFile(f.path, os.O_WRONLY, 0)
		return err
	}
	if absent == nil {
		if f.path, err = filepath.EvalSymlinks(f.path); err != nil {
			return err
		}
	}
	dir, mode := f.options.Aside, f.options.Mode
	if dir == "" {
		dir = filepath.Dir(f.path)
		sweepOnce(dir)
	}
	if mode == 0 {
		mode = 0o666
	}
	err = unique(filepath.Join(dir, filePrefix), func(name string) error {
		f.out, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if err != nil {
			return err
		}
		var ok bool
		if f.release, ok = hold(f.out); !ok {
			_ = f.out.Close()
			return fs.ErrExist
		}
		return nil
	})
	if err == nil && absent == nil && was.Mode().IsRegular() {
		if err = f.out.Chmod(was.Mode().Perm()); err != nil {
			f.Discard()
		}
	}
	return err
}

// unique tries names that begin so until make finds one that nobody has.
func unique(prefix string, make func(name string) error) error {
	for {
		err := make(prefix + strconv.FormatUint(rand.Uint64(), 36))
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
}

func (f *File) failed(err error) error { return fmt.Errorf("writing %s: %w", f.path, err) }

// Write appends bytes.
func (f *File) Write(data []byte) (int, error) {
	n, err := f.buf.Write(data)
	if err != nil {
		err = f.failed(err)
	}
	return n, err
}

// Commit gives the file its name.
func (f *File) Commit() error {
	err := f.buf.Flush()
	if f.through {
		if err = errors.Join(err, f.out.Close()); err != nil {
			return f.failed(err)
		}
		return nil
	}
	defer f.release()
	if err == nil && !f.options.Unsynced {
		err = f.out.Sync()
	}
	if err = errors.Join(err, f.out.Close()); err == nil {
		err = os.Rename(f.out.Name(), f.path)
	}
	if err != nil {
		_ = os.Remove(f.out.Name())
		return f.failed(err)
	}
	if !f.options.Unsynced {
		return Sync(filepath.Dir(f.path))
	}
	return nil
}

// Discard removes what has not been committed.
func (f *File) Discard() {
	if f.out.Close() == nil && !f.through { // Commit has closed it already
		_ = os.Remove(f.out.Name())
		f.release()
	}
}

// Write writes a file made of parts in a row.
func Write(path string, parts ...[]byte) error { return Options{}.Write(path, parts...) }

// Write writes a file made of parts in a row.
func (o Options) Write(path string, parts ...[]byte) error {
	f, err := o.Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	for _, part := range parts {
		if _, err := f.Write(part); err != nil {
			return err
		}
	}
	return f.Commit()
}

// Rename moves a file that is on the disk already, for good.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return Sync(filepath.Dir(to))
}

// mostDocument bounds a document that is read back, in bytes.
const mostDocument = 64 << 20

// WriteDocument writes a file of one value as indented JSON.
func WriteDocument(path string, v any) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	e := json.NewEncoder(f)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return f.Commit()
}

// ReadDocument reads a file of one value. Errors name it.
func ReadDocument(path string, v any) error {
	data, err := plainfile.ReadIn(context.Background(), filepath.Dir(path), filepath.Base(path), mostDocument)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
