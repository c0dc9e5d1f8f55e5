package wazero

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zeebo/xxh3"

	"assay/runtimes/cache"
	"assay/runtimes/instrument"
)

// codeBox is the folder that wazero keeps the code of one module in. wazero
// itself checks little of what it reads, and a damaged length makes it allocate
// without bound, so nothing is read that doesn't match its seal: length and
// xxh3-128 of every file.
type codeBox struct {
	store cache.Store
	key   string
	dir   string
}

func openCodeBox(store cache.Store, m *instrument.Module) (*codeBox, error) {
	root, err := store.Dir(cache.Code)
	if err != nil {
		return nil, err
	}
	key := "wazero-" + version + "-" + hex.EncodeToString(m.Hash[:])
	return &codeBox{store: store, key: key, dir: filepath.Join(root, key+".d")}, nil
}

func (b *codeBox) lock(ctx context.Context) (func(), error) {
	return b.store.Lock(ctx, cache.Code, b.key)
}

// sound says that every file in the box is as it was sealed, and there is one.
func (b *codeBox) sound() bool {
	files := b.files()
	for _, f := range files {
		seal, err := b.store.Get(cache.Code, b.sealKey(f))
		if err != nil {
			return false
		}
		sum, err := checksum(f)
		if err != nil || string(sum) != string(seal) {
			return false
		}
	}
	return len(files) > 0
}

// empty removes what is not sound, that is everything.
func (b *codeBox) empty() error { return os.RemoveAll(b.dir) }

// seal records what wazero wrote.
func (b *codeBox) seal() {
	for _, f := range b.files() {
		if sum, err := checksum(f); err == nil {
			_ = b.store.Put(cache.Code, b.sealKey(f), sum)
		}
	}
}

// files lists what is in the box, one folder down, in wazero's way.
func (b *codeBox) files() []string {
	files, _ := filepath.Glob(filepath.Join(b.dir, "*", "*"))
	return files
}

func (b *codeBox) sealKey(file string) string {
	h := xxh3.HashString128(filepath.Base(file)).Bytes()
	return b.key + "-" + hex.EncodeToString(h[:8])
}

// checksum is length and xxh3-128 of a file.
func checksum(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := xxh3.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{h}, f, make([]byte, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("checksum %s: %w", path, err)
	}
	sum := h.Sum128().Bytes()
	return append(binary.LittleEndian.AppendUint64(nil, uint64(n)), sum[:]...), nil
}
