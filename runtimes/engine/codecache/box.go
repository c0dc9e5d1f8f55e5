package codecache

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/assay-dev/assay/runtimes/cache"
	"github.com/assay-dev/assay/runtimes/instrument"
)

// Box is the place in the cache for the code of one module: a folder with one
// file, in a folder of the engine's choice, and a label.
type Box struct {
	Dir string // of the file

	store cache.Store
	key   string
}

// Label is everything but the code that running a module needs.
type Label struct {
	File    string // base name
	Seal    Seal
	Memory  string
	Globals []string
	Start   string

	Stub []byte `json:"-"` // kept beside the JSON: what the engine itself wants to keep
}

// format is the version of labels, and of what lies beside them.
const format = "1"

// Open finds the box of a module by its hash, for an engine whose version names
// all that its code depends on besides. Without a store it is a miss.
func Open(store cache.Store, version string, hash [32]byte) (*Box, error) {
	if store == nil {
		return nil, cache.ErrMiss
	}
	root, err := store.Dir(cache.Code)
	if err != nil {
		return nil, err
	}
	key := version + "-" + format + "-" + runtime.GOOS + "-" + runtime.GOARCH + "-" + hex.EncodeToString(hash[:])
	return &Box{store: store, key: key, Dir: filepath.Join(root, key+".d")}, nil
}

// Label returns the box's label, or cache.ErrMiss.
func (b *Box) Label() (*Label, error) {
	data, err := b.store.Get(cache.Code, b.key)
	if err != nil {
		return nil, err
	}
	return parseLabel(data)
}

// parseLabel reads the length of the JSON, the JSON, and the stub.
func parseLabel(data []byte) (*Label, error) {
	if len(data) < 4 || uint64(len(data)) < 4+uint64(binary.LittleEndian.Uint32(data)) {
		return nil, errors.New("label is cut short")
	}
	size := binary.LittleEndian.Uint32(data)
	l := &Label{Stub: data[4+size:]}
	if err := json.Unmarshal(data[4:4+size], l); err != nil {
		return nil, fmt.Errorf("label: %w", err)
	}
	return l, nil
}

// SetLabel writes the label.
func (b *Box) SetLabel(l *Label) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(data)))
	return b.store.Put(cache.Code, b.key, size, data, l.Stub)
}

// Describe makes the label for the file in the box, whose first headSize bytes
// must be right before the engine reads any of it.
func (b *Box) Describe(m *instrument.Module, headSize int64, stub []byte) (*Label, error) {
	path, err := b.Only()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s, err := sealFile(f, headSize)
	if err != nil {
		return nil, err
	}
	return &Label{File: filepath.Base(path), Seal: s,
		Memory: m.Memory, Globals: m.Globals, Start: m.Start, Stub: stub}, nil
}

// Module is what the label knows of the module: all but code and segments.
func (l *Label) Module() *instrument.Module {
	return &instrument.Module{Memory: l.Memory, Globals: l.Globals, Start: l.Start}
}

// Open gives the label and the box's only file, checked at both ends.
func (b *Box) Open() (*Label, *os.File, error) {
	l, err := b.Label()
	if err != nil {
		return nil, nil, err
	}
	f, err := b.file(l)
	return l, f, err
}

func (b *Box) file(l *Label) (*os.File, error) {
	path, err := b.Only()
	if err != nil {
		return nil, err
	}
	if filepath.Base(path) != l.File {
		return nil, fmt.Errorf("%s is not labelled", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := l.Seal.checkEnds(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Only is the path of the file that is alone in the box, one folder down.
func (b *Box) Only() (string, error) {
	files, err := filepath.Glob(filepath.Join(b.Dir, "*", "*"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("%s holds %d files", b.Dir, len(files))
	}
	return files[0], nil
}

// Still says that f is the file in the box, and alone there.
func (b *Box) Still(f *os.File) error {
	path, err := b.Only()
	if err != nil {
		return err
	}
	was, err := f.Stat()
	if err != nil {
		return err
	}
	is, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !os.SameFile(was, is) {
		return fmt.Errorf("%s was replaced while it was read", path)
	}
	return nil
}

// Empty removes everything.
func (b *Box) Empty() error { return os.RemoveAll(b.Dir) }
