package memfs

import (
	"cmp"
	"slices"
	"strings"
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
	case len(name) > NameMax:
		return ENAMETOOLONG
	case strings.ContainsAny(name, "/\x00"):
		return EINVAL
	}
	return nil
}
