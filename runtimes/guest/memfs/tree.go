package memfs

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
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
		return fmt.Errorf("%q: empty, too long, not UTF-8 or with a NUL", s[:min(len(s), nameMax)])
	}
	return nil
}

// Layer is what a guest changed, frozen: any number of views can start from it
// and share it. Never written to.
type Layer struct {
	tree  *Tree
	nodes map[Ino]*inode
	next  Ino
	bytes uint64
	names int64
}

// Freeze gives what was changed so far. The view goes on, over that layer.
func (fs *FS) Freeze() *Layer {
	nodes := make(map[Ino]*inode, len(fs.frozen)+len(fs.own))
	maps.Copy(nodes, fs.frozen)
	for ino, n := range fs.own {
		if n == nil {
			delete(nodes, ino)
			continue
		}
		nodes[ino] = n
	}
	l := &Layer{tree: fs.base, nodes: nodes, next: fs.next, bytes: fs.bytes, names: fs.names}
	fs.frozen, fs.own = nodes, map[Ino]*inode{}
	return l
}

// Thaw sets a view back to a layer over the same tree: what it did since is
// dropped. Holds are gone too.
func (fs *FS) Thaw(l *Layer) error {
	if l.tree.hash != fs.base.hash {
		return errors.New("file system layer: made over another tree")
	}
	fs.frozen, fs.next, fs.bytes, fs.names = l.nodes, l.next, l.bytes, l.names
	clear(fs.own)
	clear(fs.holds)
	return nil
}

// Tree is the tree that the layer lies over.
func (l *Layer) Tree() *Tree { return l.tree }

// The stored form. Blobs are not in it: a node that still has the content of
// the tree says so by Base, its number in the tree.
type layerJSON struct {
	Next  Ino        `json:"next"`
	Bytes uint64     `json:"bytes"`
	Names int64      `json:"names"`
	Nodes []nodeJSON `json:"nodes"`
}

type nodeJSON struct {
	Ino     Ino         `json:"ino"`
	Kind    Kind        `json:"kind"`
	Links   uint32      `json:"links"`
	Parent  Ino         `json:"parent,omitempty"`
	Times   [3]uint64   `json:"times"`
	Target  string      `json:"target,omitempty"`
	Entries []entryJSON `json:"entries,omitempty"`
	Base    bool        `json:"base,omitempty"`
	Data    []byte      `json:"data,omitempty"`
}

type entryJSON struct {
	Name string `json:"name"`
	Ino  Ino    `json:"ino"`
}

// MarshalJSON is stable: equal layers give equal bytes.
func (l *Layer) MarshalJSON() ([]byte, error) {
	out := layerJSON{Next: l.next, Bytes: l.bytes, Names: l.names, Nodes: []nodeJSON{}}
	for _, ino := range slices.Sorted(maps.Keys(l.nodes)) {
		n := l.nodes[ino]
		j := nodeJSON{
			Ino: ino, Kind: n.kind, Links: n.links, Parent: n.parent, Target: n.target,
			Times: [3]uint64{n.atime, n.mtime, n.ctime}, Base: n.blob != nil, Data: n.data,
		}
		for _, e := range n.entries {
			j.Entries = append(j.Entries, entryJSON{e.name, e.ino})
		}
		out.Nodes = append(out.Nodes, j)
	}
	return json.Marshal(out)
}

// LoadLayer reads the stored form of a layer over t.
func LoadLayer(data []byte, t *Tree) (*Layer, error) {
	var in layerJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("file system layer: %w", err)
	}
	l := &Layer{tree: t, nodes: map[Ino]*inode{}, next: in.Next, bytes: in.Bytes, names: in.Names}
	for _, j := range in.Nodes {
		n := &inode{
			kind: j.Kind, links: j.Links, parent: j.Parent, target: j.Target, data: j.Data,
			atime: j.Times[0], mtime: j.Times[1], ctime: j.Times[2], shared: true,
		}
		if j.Base {
			if j.Ino == 0 || j.Ino > Ino(len(t.nodes)) {
				return nil, fmt.Errorf("file system layer: node %d is not of the tree", j.Ino)
			}
			n.blob = t.nodes[j.Ino-1].blob
		}
		for _, e := range j.Entries {
			n.entries = append(n.entries, entry{e.Name, e.Ino})
		}
		l.nodes[j.Ino] = n
	}
	return l, l.check()
}

// Bounds of an archive, read before anything is unpacked.
const (
	zipEntries   = 100_000
	zipTotal     = 2 << 30 // bytes unpacked, all entries
	zipFile      = 256 << 20
	zipRatio     = 200 // unpacked to packed, past the first MiB of a file
	zipRatioFrom = 1 << 20
)

// FromZip builds a tree over an archive. Its files are unpacked when they are
// first read, so r must stay readable and unchanged as long as the tree is
// used. key names the archive in the tree's hash; nil: its sha-256 is taken.
func FromZip(r io.ReaderAt, size int64, key []byte) (*Tree, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("reading the archive's directory: %w", err)
	}
	if err := checkZip(z); err != nil {
		return nil, err
	}
	if key == nil {
		h := sha256.New()
		if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
			return nil, fmt.Errorf("hashing the archive: %w", err)
		}
		key = h.Sum(nil)
	}
	b := NewBuilder()
	for _, f := range z.File {
		if err := addZip(b, f, key); err != nil {
			return nil, fmt.Errorf("archive: %w", err)
		}
	}
	return b.Tree(), nil
}

func checkZip(z *zip.Reader) error {
	if len(z.File) > zipEntries {
		return fmt.Errorf("archive of %d entries: more than %d", len(z.File), zipEntries)
	}
	var total uint64
	for _, f := range z.File {
		if f.UncompressedSize64 > zipFile {
			return fmt.Errorf("archive: %q unpacks to %d bytes: more than %d", f.Name, f.UncompressedSize64, zipFile)
		}
		if f.UncompressedSize64 > zipRatioFrom && f.UncompressedSize64/zipRatio > f.CompressedSize64 {
			return fmt.Errorf("archive: %q unpacks to %d bytes from %d: more than %d times", f.Name, f.UncompressedSize64, f.CompressedSize64, zipRatio)
		}
		total += f.UncompressedSize64
	}
	if total > zipTotal {
		return fmt.Errorf("archive unpacks to %d bytes: more than %d", total, zipTotal)
	}
	return nil
}

func addZip(b *Builder, f *zip.File, key []byte) error {
	if strings.HasPrefix(f.Name, "/") || strings.Contains(f.Name, "\\") {
		return fmt.Errorf("%q: not a relative path with slashes", f.Name)
	}
	switch mode := f.Mode(); {
	case mode.IsDir():
		return b.Dir(f.Name)
	case !mode.IsRegular():
		return fmt.Errorf("%q: neither a file nor a directory", f.Name)
	}
	return b.add(f.Name, &sketch{kind: File, blob: &blob{
		size:   f.UncompressedSize64,
		digest: sha256.Sum256(append([]byte(f.Name+"\x00"), key...)),
		load:   func() ([]byte, error) { return unpack(f) },
	}})
}

// unpack reads one entry: never more than it announced, and never less.
func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("opening %q in its archive: %w", f.Name, err)
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("unpacking %q: %w", f.Name, err)
	}
	if crc32.ChecksumIEEE(data) != f.CRC32 {
		return nil, fmt.Errorf("unpacking %q: wrong checksum; the archive is damaged", f.Name)
	}
	return data, nil
}
