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

// Walk resolves a path from a directory. It never leaves that directory: ".."
// above it is EPERM, and so is an absolute link unless it is the root. A link
// at the end is followed if follow is set or a slash comes after it.
func (fs *FS) Walk(start Ino, path string, follow bool) (Place, error) {
	if err := checkPath(path); err != nil {
		return Place{}, err
	}
	w := walk{fs: fs, start: start, cur: start, rest: path, follow: follow}
	for {
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
	if len(name) > NameMax {
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
	if w.hops++; w.hops > HopMax {
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
