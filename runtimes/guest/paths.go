package guest

import "github.com/assay-dev/assay/runtimes/guest/memfs"

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
