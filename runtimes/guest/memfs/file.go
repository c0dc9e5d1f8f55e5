package memfs

import (
	"math"
	"slices"
)

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
