package memfs

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
