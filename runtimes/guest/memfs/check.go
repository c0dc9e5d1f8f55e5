package memfs

import (
	"errors"
	"fmt"
)

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
