package memfs

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
