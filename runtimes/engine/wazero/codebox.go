package wazero

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"assay/runtimes/cache"
	"assay/runtimes/instrument"
)

// codeBox is the place in the cache for the code of one module: a folder with
// the one file that wazero wrote, and a label that says what the file must be
// and holds the stub to load it with.
type codeBox struct {
	store cache.Store
	key   string
	dir   string
}

// label is everything but the code that running a module needs.
type label struct {
	File    string // base name; wazero makes it from stub and processor
	Seal    seal
	Memory  string
	Globals []string
	Start   string

	stub []byte // kept beside the JSON
}

func openCodeBox(store cache.Store, hash [32]byte) (*codeBox, error) {
	root, err := store.Dir(cache.Code)
	if err != nil {
		return nil, err
	}
	key := codeVersion() + "-" + hex.EncodeToString(hash[:])
	return &codeBox{store: store, key: key, dir: filepath.Join(root, key+".d")}, nil
}

// codeVersion names everything besides the module that code depends on but for
// the processor's features, which are in the name of wazero's file. wazero
// takes its own version from the binary it is linked into and refuses code of
// another; in tests it finds none.
func codeVersion() string {
	linked := "dev"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if strings.Contains(dep.Path, "github.com/tetratelabs/wazero") {
				linked = dep.Version
			}
		}
	}
	return strings.Join([]string{"wazero", version, linked, runtime.GOOS, runtime.GOARCH}, "-")
}

func (b *codeBox) lock(ctx context.Context) (func(), error) {
	return b.store.Lock(ctx, cache.Code, b.key)
}

// readLabel returns the box's label, or cache.ErrMiss.
func (b *codeBox) readLabel() (*label, error) {
	data, err := b.store.Get(cache.Code, b.key)
	if err != nil {
		return nil, err
	}
	if len(data) < 4 || uint64(len(data)) < 4+uint64(binary.LittleEndian.Uint32(data)) {
		return nil, errors.New("label is cut short")
	}
	size := binary.LittleEndian.Uint32(data)
	l := &label{stub: data[4+size:]}
	if err := json.Unmarshal(data[4:4+size], l); err != nil {
		return nil, fmt.Errorf("label: %w", err)
	}
	return l, nil
}

func (b *codeBox) writeLabel(l *label) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(data)))
	return b.store.Put(cache.Code, b.key, size, data, l.stub)
}

// open opens the box's only file, checked at both ends.
func (b *codeBox) open(l *label) (*os.File, error) {
	path, err := b.only()
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

// only is the path of the file that is alone in the box, one folder down, in
// wazero's way.
func (b *codeBox) only() (string, error) {
	files, err := filepath.Glob(filepath.Join(b.dir, "*", "*"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("%s holds %d files", b.dir, len(files))
	}
	return files[0], nil
}

// empty removes everything.
func (b *codeBox) empty() error { return os.RemoveAll(b.dir) }

// describe makes the label for the file in the box.
func (b *codeBox) describe(m *instrument.Module, stub []byte, functions int) (*label, error) {
	path, err := b.only()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// wazero's head: a few words, then 8 bytes per function and a length.
	s, err := sealFile(f, int64(functions)*8+4096)
	if err != nil {
		return nil, err
	}
	return &label{File: filepath.Base(path), Seal: s,
		Memory: m.Memory, Globals: m.Globals, Start: m.Start, stub: stub}, nil
}
