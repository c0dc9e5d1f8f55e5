package guest

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// Flags of path_open.
const (
	openCreate    = 1
	openDirectory = 2
	openExclusive = 4
	openTruncate  = 8
)

func pathOpen(k *call) error {
	w := k.w
	dir, err := k.dir(0)
	if err != nil {
		return err
	}
	oflags, asked, fdflags := k.u32(4), k.u64(5), k.u32(7)
	if oflags > 15 || fdflags > flagsAll || oflags&openDirectory != 0 && oflags&(openCreate|openTruncate) != 0 {
		return memfs.EINVAL
	}
	path, err := k.text(2)
	if err != nil {
		return err
	}
	number, err := k.out(8, 4)
	if err != nil {
		return err
	}
	fresh := oflags&(openCreate|openExclusive) == openCreate|openExclusive
	if of, same := w.device(dir, path); of != nil {
		d, err := w.again(of, same, asked)
		if err == nil {
			le.PutUint32(number, w.open(d))
		}
		return err
	}
	place, err := w.fs.Walk(dir.ino, path, k.u32(1)&1 != 0 && !fresh)
	if err != nil {
		return err
	}
	d := descriptor{offset: new(uint64), flags: uint16(fdflags), denied: dir.below | (rightRead|rightWrite)&^asked, below: dir.below}
	if err := w.target(dir, &d, place, oflags, asked); err != nil {
		return err
	}
	le.PutUint32(number, w.open(d))
	return nil
}

// devices are the files by which a program names what it has open: 0, 1 and 2 by
// name, and each by its number. The last folder is ours, for os.dup.
var devices = map[string]uint32{"dev/stdin": 0, "dev/stdout": 1, "dev/stderr": 2}

var deviceFolders = []string{"dev/fd/", "proc/self/fd/", dupFolder}

const dupFolder = "dev/dup/"

// device is the descriptor that a path names, nil for a path that names none;
// same says that what is opened shall be the same, with its place.
func (w *World) device(dir *descriptor, path string) (of *descriptor, same bool) {
	if dir.ino != memfs.Root || len(path) < len("dev/") || path[0] != 'd' && path[0] != 'p' {
		return nil, false
	}
	fd, ok := devices[path]
	for _, folder := range deviceFolders {
		if number, found := strings.CutPrefix(path, folder); found {
			n, err := strconv.ParseUint(number, 10, 32)
			fd, ok, same = uint32(n), err == nil, folder == dupFolder
		}
	}
	if !ok {
		return nil, false
	}
	d, err := w.descriptor(fd)
	if err != nil || d.kind == openDir {
		return nil, false
	}
	return d, same
}

// again opens what a descriptor leads to once more, from its start.
func (w *World) again(of *descriptor, same bool, asked uint64) (descriptor, error) {
	if err := w.canOpen(); err != nil {
		return descriptor{}, err
	}
	d := *of
	if same {
		return d, nil
	}
	if missing := asked & (rightRead | rightWrite) &^ d.rights(); missing != 0 {
		return descriptor{}, memfs.EACCES
	}
	if d.offset != nil {
		d.offset = new(uint64)
	}
	return d, nil
}

// target finds or makes what d is to lead to.
func (w *World) target(dir, d *descriptor, place memfs.Place, oflags uint32, asked uint64) (err error) {
	if err := w.canOpen(); err != nil {
		return err
	}
	d.kind, d.ino = openFile, place.Ino
	if place.Ino == 0 {
		if oflags&openCreate == 0 {
			return memfs.ENOENT
		}
		if err := dir.permit(rightCreateFile); err != nil {
			return err
		}
		d.ino, err = w.fs.Create(place)
		return err
	}
	if oflags&(openCreate|openExclusive) == openCreate|openExclusive {
		return memfs.EEXIST
	}
	switch w.fs.Stat(place.Ino).Kind {
	case memfs.Symlink:
		return memfs.ELOOP
	case memfs.Dir:
		return d.directory(dir, oflags, asked)
	case memfs.Null:
		oflags &^= openTruncate
	}
	if oflags&openDirectory != 0 {
		return memfs.ENOTDIR
	}
	if oflags&openTruncate == 0 {
		return nil
	}
	if err := dir.permit(rightPathSize); err != nil {
		return err
	}
	return w.fs.Resize(place.Ino, 0)
}

// directory makes d one.
func (d *descriptor) directory(dir *descriptor, oflags uint32, asked uint64) error {
	if oflags&(openCreate|openTruncate) != 0 || asked&rightWrite != 0 {
		return memfs.EISDIR
	}
	d.kind, d.denied, d.offset = openDir, dir.below, nil
	return nil
}

// followLink is the lookup flag to follow a link at the end of a path.
const followLink = 1

// place resolves the path in parameters i and i+1 from the directory in fd.
func (k *call) place(fd, i int, follow bool) (memfs.Place, error) {
	d, err := k.dir(fd)
	if err != nil {
		return memfs.Place{}, err
	}
	path, err := k.text(i)
	if err != nil {
		return memfs.Place{}, err
	}
	return k.w.fs.Walk(d.ino, path, follow)
}

// find is place of a node that must be there.
func (k *call) find(fd, i int, follow bool) (memfs.Ino, error) {
	p, err := k.place(fd, i, follow)
	if err == nil && p.Ino == 0 {
		err = memfs.ENOENT
	}
	return p.Ino, err
}

func pathCreateDirectory(k *call) error {
	p, err := k.place(0, 1, false)
	if err != nil {
		return err
	}
	return k.w.fs.Mkdir(p)
}

func pathFilestatGet(k *call) error {
	ino, err := k.find(0, 2, k.u32(1)&followLink != 0)
	if err == memfs.ENOENT {
		if dir, err := k.dir(0); err == nil {
			path, _ := k.out(2, uint64(k.u32(3))) // find has paid for it
			if of, _ := k.w.device(dir, string(path)); of != nil {
				return k.putStat(4, k.w.stat(of))
			}
		}
	}
	if err != nil {
		return err
	}
	return k.putStat(4, k.w.fs.Stat(ino))
}

func pathFilestatSetTimes(k *call) error {
	ino, err := k.find(0, 2, k.u32(1)&followLink != 0)
	if err != nil {
		return err
	}
	atime, mtime, err := k.times(4)
	if err != nil {
		return err
	}
	k.w.fs.SetTimes(ino, atime, mtime)
	return nil
}

func pathLink(k *call) error {
	if err := k.permit(4, rightLinkTarget); err != nil {
		return err
	}
	if k.u32(1)&followLink != 0 {
		return memfs.EINVAL
	}
	ino, err := k.find(0, 2, false)
	if err != nil {
		return err
	}
	p, err := k.place(4, 5, false)
	if err != nil {
		return err
	}
	return k.w.fs.Link(ino, p)
}

func pathReadlink(k *call) error {
	ino, err := k.find(0, 1, false)
	if err != nil {
		return err
	}
	target, err := k.w.fs.Readlink(ino)
	if err != nil {
		return err
	}
	buf, err := k.out(3, uint64(k.u32(4)))
	if err != nil {
		return err
	}
	used, err := k.out(5, 4)
	if err != nil {
		return err
	}
	if err := k.w.charge(uint64(min(len(buf), len(target)))); err != nil {
		return err
	}
	le.PutUint32(used, uint32(copy(buf, target)))
	return nil
}

func pathRemoveDirectory(k *call) error {
	p, err := k.place(0, 1, false)
	if err != nil {
		return err
	}
	return k.w.fs.Rmdir(p)
}

func pathRename(k *call) error {
	if err := k.permit(3, rightRenameTarget); err != nil {
		return err
	}
	from, err := k.place(0, 1, false)
	if err != nil {
		return err
	}
	to, err := k.place(3, 4, false)
	if err != nil {
		return err
	}
	return k.w.fs.Rename(from, to)
}

func pathSymlink(k *call) error {
	if err := k.permit(2, rightSymlink); err != nil {
		return err
	}
	target, err := k.text(0)
	if err != nil {
		return err
	}
	p, err := k.place(2, 3, false)
	if err != nil {
		return err
	}
	return k.w.fs.Symlink(p, target)
}

func pathUnlinkFile(k *call) error {
	p, err := k.place(0, 1, false)
	if err != nil {
		return err
	}
	return k.w.fs.Unlink(p)
}

// permit checks the rights of the directory whose number is parameter i.
func (k *call) permit(i int, rights uint64) error {
	d, err := k.fd(i)
	if err != nil {
		return err
	}
	return d.permit(rights)
}

// direntSize is the head of a directory entry; the name follows.
const direntSize = 24

// fdReaddir fills a buffer with entries: ".", "..", then the names in order.
// Cookies count them. Cookie 0 takes a listing that later cookies go on with,
// so that removing what was listed leaves nothing out.
func fdReaddir(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	if d.kind != openDir {
		return memfs.EBADF
	}
	buf, err := k.out(1, uint64(k.u32(2)))
	if err != nil {
		return err
	}
	used, err := k.out(4, 4)
	if err != nil {
		return err
	}
	cookie := k.u64(3)
	if d.listing == nil || cookie == 0 {
		l, err := k.w.fs.List(d.ino)
		if err != nil {
			return err
		}
		d.listing = &l
	}
	if err := k.w.charge(uint64(k.w.listed(d, cookie, len(buf)))); err != nil {
		return err
	}
	le.PutUint32(used, uint32(k.w.list(d, cookie, buf)))
	return nil
}

// listed is how many bytes list will write.
func (w *World) listed(d *descriptor, cookie uint64, room int) int {
	n := 0
	for ; n < room && cookie < uint64(d.listing.Len())+2; cookie++ {
		name, _ := w.entry(d, cookie)
		n += direntSize + len(name)
	}
	return min(n, room)
}

// list writes entries from a cookie on until buf is full, cutting the last.
func (w *World) list(d *descriptor, cookie uint64, buf []byte) int {
	n := 0
	for ; n < len(buf) && cookie < uint64(d.listing.Len())+2; cookie++ {
		name, ino := w.entry(d, cookie)
		var head [direntSize]byte
		le.PutUint64(head[0:], cookie+1)
		le.PutUint64(head[8:], uint64(ino))
		le.PutUint32(head[16:], uint32(len(name)))
		head[20] = byte(w.fs.Kind(ino))
		n += copy(buf[n:], head[:])
		n += copy(buf[n:], name)
	}
	return n
}

func (w *World) entry(d *descriptor, cookie uint64) (string, memfs.Ino) {
	switch cookie {
	case 0:
		return ".", d.ino
	case 1:
		return "..", w.fs.Parent(d.ino)
	}
	return d.listing.At(int(cookie - 2))
}
