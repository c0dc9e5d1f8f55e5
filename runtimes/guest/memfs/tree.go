package memfs

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Stamp is the time of every node of a tree: 1980-01-01T00:00:00Z in ns, the
// first instant that a zip archive can name.
const Stamp uint64 = 315_532_800 * 1_000_000_000

// Tree is an immutable tree of files, shared by any number of guests.
type Tree struct {
	nodes []inode // by number − 1
	hash  [32]byte
}

// Hash names the tree: names, kinds and contents (those of an archive by the
// archive's hash and the name in it).
func (t *Tree) Hash() [32]byte { return t.hash }

// Len is the number of nodes, the root among them.
func (t *Tree) Len() int { return len(t.nodes) }

// ReadFile gives the content of a file. The bytes are the tree's: they must
// not be written to.
func (t *Tree) ReadFile(path string) ([]byte, error) {
	n := &t.nodes[0]
	for _, name := range parts(path) {
		ino, ok := n.lookup(name)
		if !ok {
			return nil, fmt.Errorf("%s: no such file in the tree", path)
		}
		n = &t.nodes[ino-1]
	}
	if n.kind != File {
		return nil, fmt.Errorf("%s: not a file", path)
	}
	return n.content()
}

// Builder collects the files of a tree. Paths are relative to the root, a
// leading slash is allowed; directories on the way are made. Nothing is
// replaced: a second node of the same name is an error.
type Builder struct{ root *sketch }

// sketch is a node of a tree that is being built.
type sketch struct {
	kind     Kind
	target   string
	blob     *blob
	children map[string]*sketch
}

// NewBuilder starts an empty tree.
func NewBuilder() *Builder { return &Builder{root: newDir()} }

// FromMap builds a tree of files; a path that ends in a slash is an empty
// directory.
func FromMap(files map[string][]byte) (*Tree, error) {
	b := NewBuilder()
	for _, path := range slices.Sorted(maps.Keys(files)) {
		var err error
		if strings.HasSuffix(path, "/") {
			err = b.Dir(path)
		} else {
			err = b.File(path, files[path])
		}
		if err != nil {
			return nil, err
		}
	}
	return b.Tree(), nil
}

// Dir makes a directory, which may exist.
func (b *Builder) Dir(path string) error {
	_, err := b.dir(path, parts(path))
	return err
}

// File adds a file. The builder keeps data: it must not change any more.
func (b *Builder) File(path string, data []byte) error {
	return b.add(path, &sketch{kind: File, blob: newBlob(data)})
}

// Symlink adds a link. An absolute target starts at the guest's root.
func (b *Builder) Symlink(path, target string) error {
	if err := checkText(target); err != nil {
		return fmt.Errorf("target of %s: %w", path, err)
	}
	return b.add(path, &sketch{kind: Symlink, target: target})
}

// Null adds a device that swallows what is written to it and is empty.
func (b *Builder) Null(path string) error { return b.add(path, &sketch{kind: Null}) }

// Mount copies the nodes of a tree, not their content, into a directory.
func (b *Builder) Mount(path string, t *Tree) error {
	d, err := b.dir(path, parts(path))
	if err != nil {
		return err
	}
	for _, e := range t.nodes[0].entries {
		if _, ok := d.children[e.name]; ok {
			return fmt.Errorf("%s: %s is there already", path, e.name)
		}
		d.children[e.name] = t.sketch(e.ino)
	}
	return nil
}

func (t *Tree) sketch(ino Ino) *sketch {
	n := &t.nodes[ino-1]
	s := &sketch{kind: n.kind, target: n.target, blob: n.blob}
	if n.kind == Dir {
		s.children = make(map[string]*sketch, len(n.entries))
	}
	for _, e := range n.entries {
		s.children[e.name] = t.sketch(e.ino)
	}
	return s
}

// Tree seals what was collected. The builder can go on.
func (b *Builder) Tree() *Tree {
	t := &Tree{}
	h := sha256.New()
	t.seal(b.root, Root, "", func(path string, s *sketch) {
		var head [13]byte
		head[0] = byte(s.kind)
		binary.LittleEndian.PutUint32(head[1:], uint32(len(path)))
		binary.LittleEndian.PutUint64(head[5:], uint64(len(s.target)))
		h.Write(head[:])
		h.Write([]byte(path + s.target))
		if s.blob != nil {
			h.Write(s.blob.digest[:])
		}
	})
	h.Sum(t.hash[:0])
	return t
}

// seal appends s and what is below it in sorted order. Depth is bounded by
// PathMax.
func (t *Tree) seal(s *sketch, parent Ino, path string, visit func(string, *sketch)) Ino {
	visit(path, s)
	i := len(t.nodes)
	ino := Ino(i + 1)
	t.nodes = append(t.nodes, inode{
		kind: s.kind, links: 1, parent: parent, target: s.target, blob: s.blob,
		atime: Stamp, mtime: Stamp, ctime: Stamp, shared: true,
	})
	entries := make([]entry, 0, len(s.children))
	for _, name := range slices.Sorted(maps.Keys(s.children)) {
		entries = append(entries, entry{name, t.seal(s.children[name], ino, path+"/"+name, visit)})
	}
	t.nodes[i].entries = entries
	return ino
}

func newDir() *sketch { return &sketch{kind: Dir, children: map[string]*sketch{}} }

func (b *Builder) add(path string, s *sketch) error {
	names := parts(path)
	if len(names) == 0 {
		return fmt.Errorf("%q: a file needs a name", path)
	}
	last := len(names) - 1
	d, err := b.dir(path, names[:last])
	if err != nil {
		return err
	}
	if err := checkPart(names[last]); err != nil {
		return fmt.Errorf("%q: %w", path, err)
	}
	if _, ok := d.children[names[last]]; ok {
		return fmt.Errorf("%s: is there already", path)
	}
	d.children[names[last]] = s
	return nil
}

func (b *Builder) dir(path string, names []string) (*sketch, error) {
	if len(path) > PathMax {
		return nil, fmt.Errorf("a path of %d bytes: longer than %d", len(path), PathMax)
	}
	d := b.root
	for _, name := range names {
		if err := checkPart(name); err != nil {
			return nil, fmt.Errorf("%q: %w", path, err)
		}
		next, ok := d.children[name]
		if !ok {
			next = newDir()
			d.children[name] = next
		}
		if next.kind != Dir {
			return nil, fmt.Errorf("%s: %s is not a directory", path, name)
		}
		d = next
	}
	return d, nil
}

// parts are the components of a path, without leading and trailing slashes.
func parts(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

func checkPart(name string) error {
	if err := checkName(name); err != nil {
		return fmt.Errorf("%q can't be the name of a file", name)
	}
	return checkText(name)
}

func checkText(s string) error {
	if s == "" || len(s) > PathMax || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return fmt.Errorf("%q: empty, too long, not UTF-8 or with a NUL", s[:min(len(s), NameMax)])
	}
	return nil
}
