package memfs

import (
	"strings"
	"unicode/utf8"
)

// Place is where a path leads: a name in a directory, and the node that has
// that name, if there is one.
type Place struct {
	Dir   Ino
	Name  string // "." or "..": the path names Ino itself, not an entry
	Ino   Ino    // 0: nothing there
	Slash bool   // the path ended in a slash: only a directory will do
}

// free says why nothing can be made at a place.
func (p Place) free() error {
	switch {
	case p.Ino != 0:
		return EEXIST
	case p.Slash:
		return ENOENT
	}
	return nil
}

// A path's length pays for so many components; each one more costs fuel.
const (
	freeSteps = 16
	stepCost  = 30
)

// Walk resolves a path from a directory. It never leaves that directory: ".."
// above it is EPERM, and so is an absolute link unless it is the root. A link
// at the end is followed if follow is set or a slash comes after it.
func (fs *FS) Walk(start Ino, path string, follow bool) (Place, error) {
	if err := checkPath(path); err != nil {
		return Place{}, err
	}
	w := walk{fs: fs, start: start, cur: start, rest: path, follow: follow}
	for n := 1; ; n++ {
		if n > freeSteps {
			if err := fs.Charge(stepCost); err != nil {
				return Place{}, err
			}
		}
		p, done, err := w.step()
		if err != nil || done {
			return p, err
		}
	}
}

// Find is Walk to a node that must be there.
func (fs *FS) Find(start Ino, path string, follow bool) (Ino, error) {
	p, err := fs.Walk(start, path, follow)
	if err != nil {
		return 0, err
	}
	if p.Ino == 0 {
		return 0, ENOENT
	}
	return p.Ino, nil
}

type walk struct {
	fs         *FS
	start, cur Ino
	rest       string // what is still to be resolved, from cur
	hops       int
	follow     bool
}

// step resolves one component.
func (w *walk) step() (p Place, done bool, err error) {
	name, rest, _ := strings.Cut(w.rest, "/")
	tail := strings.TrimLeft(rest, "/")
	slash := len(name) < len(w.rest) && tail == ""
	last := tail == ""
	w.rest = tail
	dir := w.fs.node(w.cur)
	if dir.kind != Dir {
		return p, false, ENOTDIR
	}
	switch name {
	case ".", "..":
		if err := w.dots(name, dir); err != nil {
			return p, false, err
		}
		return Place{w.cur, name, w.cur, slash}, last, nil
	}
	if len(name) > nameMax {
		return p, false, ENAMETOOLONG
	}
	ino, ok := dir.lookup(name)
	if !ok && !last {
		return p, false, ENOENT
	}
	p = Place{w.cur, name, ino, slash}
	if !ok {
		return p, true, nil
	}
	n := w.fs.node(ino)
	switch {
	case n.kind == Symlink && (!last || slash || w.follow):
		return p, false, w.jump(n.target, slash)
	case last && (!slash || n.kind == Dir):
		return p, true, nil
	case n.kind != Dir:
		return p, false, ENOTDIR
	}
	w.cur = ino
	return p, false, nil
}

func (w *walk) dots(name string, dir *inode) error {
	if name == "." {
		return nil
	}
	if w.cur == w.start {
		return EPERM
	}
	w.cur = dir.parent
	return nil
}

// jump puts a link's target in place of its name.
func (w *walk) jump(target string, slash bool) error {
	if w.hops++; w.hops > hopMax {
		return ELOOP
	}
	if err := w.fs.Charge(uint64(len(target))); err != nil {
		return err
	}
	if strings.HasPrefix(target, "/") {
		if w.start != Root {
			return EPERM
		}
		w.cur = Root
		target = "./" + strings.TrimLeft(target, "/")
	}
	switch {
	case w.rest != "":
		w.rest = target + "/" + w.rest
	case slash:
		w.rest = target + "/"
	default:
		w.rest = target
	}
	return nil
}

// checkPath refuses what no path of this world can be.
func checkPath(path string) error {
	switch {
	case path == "":
		return ENOENT
	case len(path) > PathMax:
		return ENAMETOOLONG
	case strings.IndexByte(path, 0) >= 0:
		return EINVAL
	case !utf8.ValidString(path):
		return EILSEQ
	case path[0] == '/':
		return EPERM
	}
	return nil
}

// Create makes an empty file where nothing is yet.
func (fs *FS) Create(p Place) (Ino, error) { return fs.put(p, &inode{kind: File, links: 1}) }

// Mkdir makes an empty directory where nothing is yet.
func (fs *FS) Mkdir(p Place) error {
	p.Slash = false
	_, err := fs.put(p, &inode{kind: Dir, links: 1, parent: p.Dir})
	return err
}

// Symlink makes a link to a target that need not exist. An absolute target is
// EPERM, as everywhere on preview 1: only a tree can hold such a link.
func (fs *FS) Symlink(p Place, target string) error {
	if err := checkPath(target); err != nil {
		return err
	}
	if err := p.free(); err != nil {
		return err
	}
	n := uint64(len(target))
	if err := fs.take(n); err != nil {
		return err
	}
	if _, err := fs.put(p, &inode{kind: Symlink, links: 1, target: target}); err != nil {
		return err
	}
	fs.bytes += n
	return nil
}

func (fs *FS) put(p Place, n *inode) (Ino, error) {
	if err := p.free(); err != nil {
		return 0, err
	}
	ino := fs.next
	if err := fs.attach(p.Dir, p.Name, ino); err != nil {
		return 0, err
	}
	return fs.make(n), nil
}

// Link gives a file or link a second name.
func (fs *FS) Link(ino Ino, p Place) error {
	n := fs.node(ino)
	switch {
	case n.kind == Dir:
		return EPERM
	case n.links == 0:
		return ENOENT
	case n.links >= linkMax:
		return EMLINK
	}
	if err := p.free(); err != nil {
		return err
	}
	if err := fs.attach(p.Dir, p.Name, ino); err != nil {
		return err
	}
	fs.edit(ino).links++
	return nil
}

// Unlink takes away a name of anything but a directory.
func (fs *FS) Unlink(p Place) error {
	n, err := fs.there(p)
	if err != nil {
		return err
	}
	switch {
	case n.kind == Dir:
		return EISDIR
	case p.Slash:
		return ENOTDIR
	}
	return fs.remove(p)
}

// Rmdir takes away an empty directory.
func (fs *FS) Rmdir(p Place) error {
	n, err := fs.there(p)
	switch {
	case err != nil:
		return err
	case n.kind != Dir:
		return ENOTDIR
	case p.Name == ".":
		return EINVAL
	case len(n.entries) > 0 || p.Name == "..":
		return ENOTEMPTY
	}
	return fs.remove(p)
}

func (fs *FS) there(p Place) (*inode, error) {
	if p.Ino == 0 {
		return nil, ENOENT
	}
	return fs.node(p.Ino), nil
}

func (fs *FS) remove(p Place) error {
	if err := fs.Charge(uint64(len(fs.node(p.Dir).entries))); err != nil {
		return err
	}
	fs.detach(p.Dir, p.Name)
	fs.drop(p.Ino)
	return nil
}

// drop takes one name from a node.
func (fs *FS) drop(ino Ino) {
	fs.edit(ino).links--
	fs.reap(ino)
}

// Rename moves a node to another name, in place of what POSIX lets it replace.
func (fs *FS) Rename(from, to Place) error {
	n, err := fs.there(from)
	if err != nil {
		return err
	}
	if err := fs.canRename(n, from, to); err != nil {
		return err
	}
	if from.Ino == to.Ino {
		return nil
	}
	if err := fs.Charge(uint64(len(fs.node(from.Dir).entries))); err != nil {
		return err
	}
	if to.Ino == 0 {
		if err := fs.canAttach(to.Dir, to.Name); err != nil {
			return err
		}
	} else if err := fs.remove(to); err != nil {
		return err
	}
	fs.detach(from.Dir, from.Name)
	fs.insert(to.Dir, to.Name, from.Ino)
	if n.kind == Dir {
		fs.edit(from.Ino).parent = to.Dir
	}
	return nil
}

func (fs *FS) canRename(n *inode, from, to Place) error {
	if dots(from.Name) || dots(to.Name) {
		return EINVAL
	}
	if n.kind != Dir && (from.Slash || to.Slash) {
		return ENOTDIR
	}
	if n.kind == Dir {
		if err := fs.outside(to.Dir, from.Ino); err != nil {
			return err
		}
	}
	if to.Ino == 0 || to.Ino == from.Ino {
		return nil
	}
	switch old := fs.node(to.Ino); {
	case n.kind == Dir && old.kind != Dir:
		return ENOTDIR
	case n.kind != Dir && old.kind == Dir:
		return EISDIR
	case old.kind == Dir && len(old.entries) > 0:
		return ENOTEMPTY
	}
	return nil
}

// outside is EINVAL if dir is top or lies below it.
func (fs *FS) outside(dir, top Ino) error {
	for dir != Root {
		if dir == top {
			return EINVAL
		}
		if err := fs.Charge(1); err != nil {
			return err
		}
		n := fs.node(dir)
		if n == nil || n.links == 0 {
			return ENOENT
		}
		dir = n.parent
	}
	return nil
}

func dots(name string) bool { return name == "." || name == ".." }

// Readlink gives a link's target.
func (fs *FS) Readlink(ino Ino) (string, error) {
	n := fs.node(ino)
	if n.kind != Symlink {
		return "", EINVAL
	}
	return n.target, nil
}

// Listing is a directory as it was at one moment, sorted by name. It stays as
// it is while the directory changes.
type Listing struct{ entries []entry }

// Len is the number of names.
func (l Listing) Len() int { return len(l.entries) }

// At gives the i-th name and its node.
func (l Listing) At(i int) (name string, ino Ino) { return l.entries[i].name, l.entries[i].ino }

// List gives a directory's names.
func (fs *FS) List(ino Ino) (Listing, error) {
	n := fs.node(ino)
	if n.kind != Dir {
		return Listing{}, ENOTDIR
	}
	own, mine := fs.own[ino]
	if mine {
		own.shared = true // the next change copies the list
	}
	return Listing{n.entries}, nil
}

// Kind is the kind of a node in a listing; it may be gone by now.
func (fs *FS) Kind(ino Ino) Kind {
	if n := fs.node(ino); n != nil {
		return n.kind
	}
	return 0
}

// Parent is the directory that holds a directory; the root holds itself, and
// one that was removed is its own.
func (fs *FS) Parent(ino Ino) Ino {
	if p := fs.node(ino).parent; fs.node(p) != nil {
		return p
	}
	return ino
}
