// Package plainfile reads files that come from outside: samples, data sets,
// results, settings, logs.
//
// Its invariant: only a plain file is read, never a pipe, a device, a socket or a
// folder, which would block or never end; opening takes no time whatever lies
// there; a read ends when its context does. A file of a folder is inside of that
// folder, however links lead. How much is read is for the caller to bound: by
// Read's most, or by package jsonl.
//
// It imports nothing of assay.
package plainfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrNotPlain says that something is no plain file.
var ErrNotPlain = errors.New("not a plain file")

// File is an open file. It can be closed while it is read.
type File struct {
	*os.File
	ctx  context.Context
	stop func() bool
}

// Open opens a plain file that a user named: a link is followed.
func Open(ctx context.Context, path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	return opened(ctx, f, path, err, false)
}

// OpenStream opens a plain file, or a descriptor that is open already, under a
// name such as /dev/stdin or the /dev/fd/63 of a shell's <(command).
func OpenStream(ctx context.Context, path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	return opened(ctx, f, path, err, isDescriptor(path))
}

func isDescriptor(path string) bool {
	path = filepath.Clean(path)
	return path == "/dev/stdin" || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/self/fd/")
}

// OpenIn opens a plain file of a folder, by its path there. A link that leads out
// of the folder is refused.
func OpenIn(ctx context.Context, dir, name string) (*File, error) {
	info, err := os.Stat(dir) // OpenRoot would wait for a pipe's other end
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: dir, Err: syscall.ENOTDIR}
	}
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	var at *fs.PathError
	if errors.As(err, &at) {
		err = &fs.PathError{Op: "open", Path: filepath.Join(dir, name), Err: at.Err}
	}
	return opened(ctx, f, filepath.Join(dir, name), err, false)
}

// OpenOrIn opens a plain file that a user named, or the one called name in a folder
// that a user named. at is its path; "" says that nothing is at path.
func OpenOrIn(ctx context.Context, path, name string) (f *File, at string, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, "", err
	case info.IsDir():
		f, err = OpenIn(ctx, path, name)
		return f, filepath.Join(path, name), err
	}
	f, err = Open(ctx, path)
	return f, path, err
}

func opened(ctx context.Context, f *os.File, path string, err error, stream bool) (*File, error) {
	if err != nil {
		if errors.Is(err, syscall.ENXIO) { // a socket
			err = &fs.PathError{Op: "open", Path: path, Err: fmt.Errorf("%w, but a socket", ErrNotPlain)}
		}
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() && (!stream || info.IsDir()) {
		err = &fs.PathError{Op: "open", Path: path, Err: fmt.Errorf("%w, but %s", ErrNotPlain, kind(info.Mode()))}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	file := &File{File: f, ctx: ctx}
	file.stop = context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) }) // files have none, and need none
	return file, nil
}

func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeDevice != 0:
		return "a device"
	case m&fs.ModeSocket != 0:
		return "a socket"
	}
	return "something else"
}

// Read reads on, unless the context has ended.
func (f *File) Read(p []byte) (int, error) {
	if err := context.Cause(f.ctx); err != nil {
		return 0, err
	}
	n, err := f.File.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = context.Cause(f.ctx)
	}
	return n, err
}

// WriteTo is not os.File's, which would not look at the context.
func (f *File) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{f})
}

// Close closes the file.
func (f *File) Close() error {
	f.stop()
	return f.File.Close()
}

// Read reads a plain file that a user named, of at most most bytes.
func Read(ctx context.Context, path string, most int64) ([]byte, error) {
	f, err := Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return f.whole(most)
}

// ReadIn reads a plain file of a folder, of at most most bytes.
func ReadIn(ctx context.Context, dir, name string, most int64) ([]byte, error) {
	f, err := OpenIn(ctx, dir, name)
	if err != nil {
		return nil, err
	}
	return f.whole(most)
}

func (f *File) whole(most int64) ([]byte, error) {
	defer f.Close()
	data, err := ReadAll(f, most)
	if errors.Is(err, errBig) {
		err = fmt.Errorf("%s has more than %d bytes, which is the most that is read", f.Name(), most)
	}
	return data, err
}

var errBig = errors.New("too big")

// ReadAll reads r to its end; more than most bytes are an error.
func ReadAll(r io.Reader, most int64) ([]byte, error) {
	var b bytes.Buffer
	if _, err := b.ReadFrom(io.LimitReader(r, most+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > most {
		return nil, fmt.Errorf("%w: more than %d bytes", errBig, most)
	}
	return b.Bytes(), nil
}
