package memfs

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

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
