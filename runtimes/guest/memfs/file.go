package memfs

import (
	"cmp"
	"crypto/sha256"
	"math"
	"slices"
	"strings"
	"sync"
)

// Ino numbers a node. The root is 1; the nodes of the tree follow in the order
// of a sorted walk, those that the guest makes in the order of their making.
type Ino uint64

// Root is the number of the tree's root.
const Root Ino = 1

// Kind says what a node is, by its number as a file type in WASI preview 1.
type Kind uint8

const (
	Null    Kind = 2 // a character device that swallows all and gives nothing
	Dir     Kind = 3
	File    Kind = 4
	Symlink Kind = 7
)

// inode is a node of the tree or of a layer. Those of a tree and of a frozen
// layer never change: FS.own makes the copy that may.
type inode struct {
	kind                Kind
	links               uint32 // names that lead here; 1 for a directory that has a name
	parent              Ino    // of a directory
	atime, mtime, ctime uint64 // ns since 1970
	target              string // of a symlink
	entries             []entry
	blob                *blob  // content of the tree's own, until it is written to
	data                []byte // content that the guest wrote
	shared              bool   // data and entries belong to an older layer or to a listing
}

type entry struct {
	name string
	ino  Ino
}

func (n *inode) size() uint64 {
	switch {
	case n.kind == Symlink:
		return uint64(len(n.target))
	case n.blob != nil:
		return n.blob.size
	}
	return uint64(len(n.data))
}

func (n *inode) content() ([]byte, error) {
	if n.blob != nil {
		return n.blob.bytes()
	}
	return n.data, nil
}

func (n *inode) find(name string) (int, bool) {
	return slices.BinarySearchFunc(n.entries, name, func(e entry, s string) int {
		return cmp.Compare(e.name, s)
	})
}

func (n *inode) lookup(name string) (Ino, bool) {
	i, ok := n.find(name)
	if !ok {
		return 0, false
	}
	return n.entries[i].ino, true
}

// checkName says whether one component of a path may be stored.
func checkName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return EINVAL
	case len(name) > nameMax:
		return ENAMETOOLONG
	case strings.ContainsAny(name, "/\x00"):
		return EINVAL
	}
	return nil
}

// Stat is what a guest is told of a node.
type Stat struct {
	Ino                 Ino
	Kind                Kind
	Links               uint32
	Size                uint64
	Atime, Mtime, Ctime uint64 // ns since 1970
}

// Stat describes a node.
func (fs *FS) Stat(ino Ino) Stat {
	n := fs.node(ino)
	return Stat{ino, n.kind, n.links, n.size(), n.atime, n.mtime, n.ctime}
}

// SetTimes changes the stamps that are not nil.
func (fs *FS) SetTimes(ino Ino, atime, mtime *uint64) {
	n := fs.edit(ino)
	if atime != nil {
		n.atime = *atime
	}
	if mtime != nil {
		n.mtime = *mtime
	}
}

// Bytes gives the content of a file from an offset, to read only and until the
// next change of the file.
func (fs *FS) Bytes(ino Ino, offset uint64) ([]byte, error) {
	data, err := fs.node(ino).content()
	if err != nil {
		return nil, err
	}
	return data[min(offset, uint64(len(data))):], nil
}

// WriteAt writes to a file, which grows as needed. What lies between its end
// and the offset becomes zeroes that are paid for like written bytes; what is
// written is the caller's to charge.
func (fs *FS) WriteAt(ino Ino, offset uint64, src ...[]byte) error {
	var n uint64
	for _, b := range src {
		n += uint64(len(b))
	}
	if n == 0 || fs.node(ino).kind == Null {
		return nil
	}
	if n > math.MaxInt64 || offset > math.MaxInt64-n {
		return EFBIG
	}
	f, err := fs.room(ino, offset+n, offset)
	if err != nil {
		return err
	}
	to := f.data[offset:]
	for _, b := range src {
		to = to[copy(to, b):]
	}
	return nil
}

// Resize cuts a file off or fills it with zeroes.
func (fs *FS) Resize(ino Ino, size uint64) error {
	n := fs.node(ino)
	switch {
	case n.kind != File:
		return EINVAL
	case size > math.MaxInt64:
		return EFBIG
	case size == n.size():
		fs.edit(ino).mtime = fs.Now
		return nil
	case size > n.size():
		_, err := fs.room(ino, size, size)
		return err
	}
	return fs.cut(ino, size)
}

// Allocate makes a file at least so long.
func (fs *FS) Allocate(ino Ino, offset, size uint64) error {
	end := offset + size
	if size == 0 || end < offset {
		return EINVAL
	}
	if end <= fs.node(ino).size() {
		return nil
	}
	return fs.Resize(ino, end)
}

// room gives a file of at least size bytes that may be written to. fill is
// where the caller's own bytes start.
func (fs *FS) room(ino Ino, size, fill uint64) (*inode, error) {
	n := fs.node(ino)
	had := n.size()
	var more uint64
	if size > had {
		more = size - had
	}
	if n.blob != nil {
		more += had
	}
	if err := fs.take(more); err != nil {
		return nil, err
	}
	work := fill - min(fill, had)
	_, mine := fs.own[ino]
	copied := n.blob != nil || n.shared || !mine
	if copied {
		work += had
	}
	if err := fs.Charge(work); err != nil {
		return nil, err
	}
	data, err := n.content()
	if err != nil {
		return nil, err
	}
	f := fs.edit(ino)
	if copied {
		data = append(make([]byte, 0, max(size, had)), data...)
	}
	if size > had {
		data = slices.Grow(data, int(size-had))[:size]
		clear(data[had:])
	}
	f.data, f.blob, f.shared = data, nil, false
	f.mtime = fs.Now
	fs.bytes += more
	return f, nil
}

// cut shortens a file. What remains is copied, so that the rest is given back.
func (fs *FS) cut(ino Ino, size uint64) error {
	n := fs.node(ino)
	if n.blob != nil {
		if err := fs.take(size); err != nil {
			return err
		}
	}
	if err := fs.Charge(size); err != nil {
		return err
	}
	data, err := n.content()
	if err != nil {
		return err
	}
	before := fs.charged(ino, n)
	f := fs.edit(ino)
	f.data, f.blob, f.shared = slices.Clone(data[:size]), nil, false
	f.mtime = fs.Now
	fs.bytes = fs.bytes - before + size
	return nil
}

// blob is the content of a file of a tree. It may be loaded late: a library of
// thousands of files is there at once, and only what is read is unpacked, one
// time for all guests.
type blob struct {
	size   uint64
	digest [32]byte // names the content in the tree's hash
	load   func() ([]byte, error)
	once   sync.Once
	data   []byte
	err    error
}

func newBlob(data []byte) *blob {
	return &blob{size: uint64(len(data)), digest: sha256.Sum256(data), data: data}
}

func (b *blob) bytes() ([]byte, error) {
	if b.load == nil {
		return b.data, nil
	}
	b.once.Do(func() { b.data, b.err = b.load() })
	return b.data, b.err
}
