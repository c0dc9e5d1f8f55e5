package memfs

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

const (
	nameMax = 255     // bytes of one component
	PathMax = 4096    // bytes of a path or of a link's target
	hopMax  = 40      // links that one path may lead through
	linkMax = 1 << 16 // names of one node
)

// ErrLimit says that the guest reached its share of bytes or nodes.
var ErrLimit = errors.New("file system limit reached")

// Limits bound what a guest adds to the tree.
type Limits struct {
	Bytes uint64 // in the files that it wrote and the targets of its links
	Nodes uint64 // names beyond those of the tree
}

// FS is one guest's view: a tree, a frozen layer over it that others may
// share, and a layer of its own. Not safe for concurrent use.
type FS struct {
	Limits Limits
	// Now stamps what changes, in ns since 1970.
	Now uint64
	// Charge is asked before work that grows with the guest's data, in bytes or
	// entries. Its error ends the operation before it has had an effect.
	Charge func(n uint64) error

	base   *Tree
	frozen map[Ino]*inode // never written to
	own    map[Ino]*inode // nil: gone, though an older layer has it
	next   Ino
	bytes  uint64
	names  int64       // made less removed: may go below 0, as a guest may remove the tree's
	holds  map[Ino]int // open descriptors of a node
}

// New gives a guest its view of t.
func New(t *Tree, l Limits) *FS {
	return &FS{
		Limits: l, Now: Stamp, Charge: func(uint64) error { return nil },
		base: t, own: map[Ino]*inode{}, next: Ino(len(t.nodes) + 1), holds: map[Ino]int{},
	}
}

// Tree is the immutable tree below.
func (fs *FS) Tree() *Tree { return fs.base }

// Used tells what Limits are compared with.
func (fs *FS) Used() (bytes uint64, names int64) { return fs.bytes, fs.names }

func (fs *FS) inBase(ino Ino) bool { return ino <= Ino(len(fs.base.nodes)) }

// node looks a node up, to read only. Nil: there is none.
func (fs *FS) node(ino Ino) *inode {
	if n, ok := fs.own[ino]; ok {
		return n
	}
	if n, ok := fs.frozen[ino]; ok {
		return n
	}
	if ino == 0 || !fs.inBase(ino) {
		return nil
	}
	return &fs.base.nodes[ino-1]
}

// edit gives the guest's own copy of a node, stamped as changed.
func (fs *FS) edit(ino Ino) *inode {
	n, ok := fs.own[ino]
	if !ok {
		c := *fs.node(ino)
		c.shared = true
		n = &c
		fs.own[ino] = n
	}
	n.ctime = fs.Now
	return n
}

// make adds a node that no name leads to yet.
func (fs *FS) make(n *inode) Ino {
	ino := fs.next
	fs.next++
	n.atime, n.mtime, n.ctime = fs.Now, fs.Now, fs.Now
	fs.own[ino] = n
	return ino
}

// Hold keeps a node that lost its last name until Release.
func (fs *FS) Hold(ino Ino) { fs.holds[ino]++ }

// Release ends a Hold.
func (fs *FS) Release(ino Ino) {
	if fs.holds[ino]--; fs.holds[ino] <= 0 {
		delete(fs.holds, ino)
		fs.reap(ino)
	}
}

// reap forgets a node that nothing leads to, and gives its bytes back.
func (fs *FS) reap(ino Ino) {
	n := fs.node(ino)
	if n == nil || n.links > 0 || fs.holds[ino] > 0 {
		return
	}
	fs.bytes -= fs.charged(ino, n)
	fs.own[ino] = nil
	if _, ok := fs.frozen[ino]; !ok && !fs.inBase(ino) {
		delete(fs.own, ino)
	}
}

// charged is what a node takes of Limits.Bytes.
func (fs *FS) charged(ino Ino, n *inode) uint64 {
	switch {
	case n.kind == Symlink && !fs.inBase(ino):
		return uint64(len(n.target))
	case n.kind == File && n.blob == nil:
		return uint64(len(n.data))
	}
	return 0
}

// take asks for n more bytes of the guest's share.
func (fs *FS) take(n uint64) error {
	if n > math.MaxInt64 || fs.bytes+n > fs.Limits.Bytes {
		return ErrLimit
	}
	return nil
}

// attach adds a name to a directory. It checks all that can fail and charges
// before it changes anything.
func (fs *FS) attach(dir Ino, name string, ino Ino) error {
	if fs.names >= 0 && uint64(fs.names) >= fs.Limits.Nodes {
		return ErrLimit
	}
	if err := fs.canAttach(dir, name); err != nil {
		return err
	}
	fs.insert(dir, name, ino)
	return nil
}

// insert is attach of what was checked and paid for.
func (fs *FS) insert(dir Ino, name string, ino Ino) {
	d := fs.editEntries(dir)
	i, _ := d.find(name)
	d.entries = slices.Insert(d.entries, i, entry{name, ino})
	fs.names++
}

// canAttach says whether a directory takes the name, and charges for it.
func (fs *FS) canAttach(dir Ino, name string) error {
	d := fs.node(dir)
	if err := checkName(name); err != nil {
		return err
	}
	if d.links == 0 {
		return ENOENT
	}
	return fs.Charge(uint64(len(d.entries)))
}

// detach takes a name out of a directory. The caller has charged for it.
func (fs *FS) detach(dir Ino, name string) {
	d := fs.editEntries(dir)
	if i, ok := d.find(name); ok {
		d.entries = slices.Delete(d.entries, i, i+1)
		fs.names--
	}
}

// editEntries gives a directory whose list is the guest's own.
func (fs *FS) editEntries(dir Ino) *inode {
	d := fs.edit(dir)
	if d.shared {
		d.entries = slices.Clone(d.entries)
		d.shared = false
	}
	d.mtime = fs.Now
	return d
}

// Errno is an error that the guest sees, by its number in WASI preview 1.
type Errno uint16

// The errors of preview 1 that this world gives.
const (
	EACCES       Errno = 2
	EAGAIN       Errno = 6
	EBADF        Errno = 8
	EBUSY        Errno = 10
	EEXIST       Errno = 20
	EFAULT       Errno = 21
	EFBIG        Errno = 22
	EILSEQ       Errno = 25
	EINVAL       Errno = 28
	EISDIR       Errno = 31
	ELOOP        Errno = 32
	EMLINK       Errno = 34
	ENAMETOOLONG Errno = 37
	ENOENT       Errno = 44
	ENOSYS       Errno = 52
	ENOTDIR      Errno = 54
	ENOTEMPTY    Errno = 55
	ENOTSOCK     Errno = 57
	ENOTSUP      Errno = 58
	EOVERFLOW    Errno = 61
	EPERM        Errno = 63
	ESPIPE       Errno = 70
	ENOTCAPABLE  Errno = 76
)

func (e Errno) Error() string { return fmt.Sprintf("wasi errno %d", uint16(e)) }

// check refuses a layer that would lead a view astray: what is stored may be
// damaged, and a view trusts its nodes.
func (l *Layer) check() error {
	c := checker{fs: New(l.tree, Limits{}), names: map[Ino]uint32{Root: 1}}
	if err := c.fs.Thaw(l); err != nil {
		return err
	}
	if l.next <= Ino(len(l.tree.nodes)) || len(l.nodes) > 0 && c.fs.node(Root).kind != Dir {
		return fmt.Errorf("file system layer: next node %d, root of kind %d", l.next, c.fs.node(Root).kind)
	}
	for todo := []Ino{Root}; len(todo) > 0; {
		dir := todo[len(todo)-1]
		below, err := c.dir(dir)
		if err != nil {
			return fmt.Errorf("file system layer: directory %d: %w", dir, err)
		}
		todo = append(todo[:len(todo)-1], below...)
	}
	return c.totals(l)
}

// checker counts the names that lead to each node.
type checker struct {
	fs    *FS
	names map[Ino]uint32
	total int
}

// dir checks a directory's names and gives the directories among them.
func (c *checker) dir(dir Ino) (below []Ino, err error) {
	entries := c.fs.node(dir).entries
	for i, e := range entries {
		n := c.fs.node(e.ino)
		switch {
		case n == nil || checkName(e.name) != nil || checkText(e.name) != nil:
			return nil, fmt.Errorf("entry %q leads to node %d", e.name, e.ino)
		case i > 0 && entries[i-1].name >= e.name:
			return nil, fmt.Errorf("%q comes after %q", e.name, entries[i-1].name)
		case n.kind == Dir && (n.parent != dir || c.names[e.ino] > 0):
			return nil, fmt.Errorf("%q has another parent", e.name)
		case n.kind == Dir:
			below = append(below, e.ino)
		}
		c.names[e.ino]++
		c.total++
	}
	return below, nil
}

// totals checks each node by itself and the sums.
func (c *checker) totals(l *Layer) error {
	var bytes uint64
	for ino, n := range l.nodes {
		if err := c.node(ino, n); err != nil {
			return fmt.Errorf("file system layer: node %d: %w", ino, err)
		}
		bytes += c.fs.charged(ino, n)
	}
	if bytes != l.bytes {
		return fmt.Errorf("file system layer: holds %d bytes, not %d", bytes, l.bytes)
	}
	if made := int64(c.total) - int64(len(l.tree.nodes)-1); made != l.names {
		return fmt.Errorf("file system layer: holds %d names more than the tree, not %d", made, l.names)
	}
	return nil
}

func (c *checker) node(ino Ino, n *inode) error {
	switch {
	case ino == 0 || ino >= c.fs.next:
		return errors.New("a number out of range")
	case n.links != c.names[ino]:
		return fmt.Errorf("%d links and %d names", n.links, c.names[ino])
	case n.kind == Dir && n.links == 0 && len(n.entries) > 0:
		return errors.New("a removed directory with entries")
	case n.kind == Dir && (n.parent == 0 && ino != Root):
		return errors.New("a directory without a parent")
	case n.kind != Dir && len(n.entries) > 0 || n.kind != File && (len(n.data) > 0 || n.blob != nil):
		return fmt.Errorf("content that its kind %d can't have", n.kind)
	case n.kind == Symlink && checkText(n.target) != nil:
		return fmt.Errorf("target %q", n.target)
	case n.kind != Dir && n.kind != File && n.kind != Symlink && n.kind != Null:
		return fmt.Errorf("unknown kind %d", n.kind)
	}
	return nil
}
