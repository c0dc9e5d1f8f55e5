package guest

import (
	"fmt"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// openKind says what a descriptor leads to.
type openKind uint8

const (
	closed openKind = iota
	openStdin
	openStdout
	openStderr
	openFile
	openDir
)

// Flags of a descriptor.
const (
	flagAppend   = 1
	flagNonblock = 4
	flagsAll     = 31
)

// descriptor is an open file, directory or stream.
type descriptor struct {
	kind    openKind
	flags   uint16
	ino     memfs.Ino
	offset  uint64
	denied  uint64         // rights that were not asked for or given up
	below   uint64         // rights denied to what is opened from this directory
	preopen string         // name of a preopened directory
	listing *memfs.Listing // what fd_readdir is going through
}

func stdio() []descriptor {
	return []descriptor{{kind: openStdin}, {kind: openStdout}, {kind: openStderr}}
}

// preopen opens a directory of the tree for the guest to start with.
func (w *World) preopen(path string) (descriptor, error) {
	rel := "./" + trimSlashes(path)
	ino, err := w.fs.Find(memfs.Root, rel, false)
	if err != nil {
		return descriptor{}, err
	}
	if w.fs.Stat(ino).Kind != memfs.Dir {
		return descriptor{}, memfs.ENOTDIR
	}
	return descriptor{kind: openDir, ino: ino, preopen: path}, nil
}

func trimSlashes(s string) string {
	for s != "" && s[0] == '/' {
		s = s[1:]
	}
	return s
}

func (w *World) descriptor(fd uint32) (*descriptor, error) {
	if uint64(fd) >= uint64(len(w.fds)) || w.fds[fd].kind == closed {
		return nil, memfs.EBADF
	}
	return &w.fds[fd], nil
}

// canOpen ends a guest that has as many files open as it may.
func (w *World) canOpen() error {
	var n uint64
	for i := range w.fds {
		if w.fds[i].kind != closed {
			n++
		}
	}
	if n >= w.limits.OpenFiles {
		return &Halt{Kind: runtimes.FSLimit, Detail: fmt.Sprintf("more than %d open files", w.limits.OpenFiles)}
	}
	return nil
}

// open gives d the lowest free number.
func (w *World) open(d descriptor) uint32 {
	w.fs.Hold(d.ino)
	for i := range w.fds {
		if w.fds[i].kind == closed {
			w.fds[i] = d
			return uint32(i)
		}
	}
	w.fds = append(w.fds, d)
	return uint32(len(w.fds) - 1)
}

// close forgets what a descriptor led to.
func (w *World) close(d *descriptor) {
	if d.kind == openFile || d.kind == openDir {
		w.fs.Release(d.ino)
	}
	*d = descriptor{}
}

func fdClose(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	k.w.close(d)
	return nil
}

// fdRenumber moves a descriptor over another that is open.
func fdRenumber(k *call) error {
	from, err := k.fd(0)
	if err != nil {
		return err
	}
	to, err := k.fd(1)
	if err != nil || from == to {
		return err
	}
	moved := *from
	*from = descriptor{}
	k.w.close(to)
	*to = moved
	return nil
}

// file is the descriptor in parameter 0, which must be an open file.
func (k *call) file() (*descriptor, error) {
	d, err := k.fd(0)
	switch {
	case err != nil:
		return nil, err
	case d.kind == openDir:
		return nil, memfs.EBADF
	case d.kind != openFile:
		return nil, memfs.ESPIPE
	}
	return d, nil
}
