package guest

import "github.com/assay-dev/assay/runtimes/guest/memfs"

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
	place, err := w.fs.Walk(dir.ino, path, k.u32(1)&1 != 0 && !fresh)
	if err != nil {
		return err
	}
	d := descriptor{flags: uint16(fdflags), denied: dir.below | (rightRead|rightWrite)&^asked, below: dir.below}
	if err := w.target(dir, &d, place, oflags, asked); err != nil {
		return err
	}
	le.PutUint32(number, w.open(d))
	return nil
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
	d.kind, d.denied = openDir, dir.below
	return nil
}
