package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/plainfile"
)

// Folder is the Store on disk. It is safe for concurrent use, also by several
// processes.
type Folder struct {
	root string

	mu    sync.Mutex
	locks map[string]chan struct{} // one per lock file that this process ever took
}

var _ Store = (*Folder)(nil)

// DefaultRoot is ASSAY_CACHE, else "assay" in the user's cache folder.
func DefaultRoot() (string, error) {
	if root := os.Getenv("ASSAY_CACHE"); root != "" {
		return root, nil
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the cache: %w; set ASSAY_CACHE to one", err)
	}
	return filepath.Join(base, "assay"), nil
}

// Open opens the cache at root and makes the folder if it is absent. A folder
// that is there but can't be written to serves what it holds.
func Open(root string) (*Folder, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("cache folder %s: %w", root, err)
	}
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return nil, fmt.Errorf("cache folder: %w; set ASSAY_CACHE to a folder that can be written to", err)
	}
	f := &Folder{root: abs, locks: map[string]chan struct{}{}}
	f.sweep(24 * time.Hour)
	f.trim()
	return f, nil
}

// Root is the folder's absolute path.
func (f *Folder) Root() string { return f.root }

// Dir returns (and makes) a folder of kind for files that another library
// writes itself.
func (f *Folder) Dir(kind string) (string, error) {
	if err := checkName(kind); err != nil {
		return "", err
	}
	dir := filepath.Join(f.root, kind)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("cache folder: %w", err)
	}
	return dir, nil
}

// Get returns an entry's bytes, or ErrMiss.
func (f *Folder) Get(kind, key string) ([]byte, error) {
	return f.GetInto(kind, key, func(n int) ([]byte, error) { return make([]byte, n), nil })
}

// Has says whether there is an entry.
func (f *Folder) Has(kind, key string) bool {
	path, err := f.path(kind, key)
	if err != nil {
		return false
	}
	_, err = os.Stat(path)
	return err == nil
}

// GetInto reads an entry into the room that alloc gives.
func (f *Folder) GetInto(kind, key string, alloc func(size int) ([]byte, error)) ([]byte, error) {
	path, err := f.path(kind, key)
	if err != nil {
		return nil, err
	}
	data, err := f.read(path, kind+"/"+key, alloc)
	var damage errDamaged
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s/%s: %w", kind, key, ErrMiss)
	case errors.As(err, &damage):
		_ = os.Remove(path) // where that fails, every read finds the damage again
		return nil, &damagedError{Path: path, Reason: string(damage)}
	case err != nil:
		return nil, fmt.Errorf("read cache entry %s: %w", path, err)
	}
	return data, nil
}

func (f *Folder) read(path, name string, alloc func(int) ([]byte, error)) ([]byte, error) {
	file, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errDamaged("not a regular file")
	}
	note(path, info)
	return unseal(file, info.Size(), name, alloc)
}

// syncFrom is the size, in bytes, from which entries are synced to disk before
// they are renamed. A power cut may cost a smaller one: the checksum finds that
// out, and syncing takes longer than making it anew (20 ms on a busy disk).
const syncFrom = 1 << 20

// Put writes an entry: to a temporary file, which is then renamed.
func (f *Folder) Put(kind, key string, parts ...[]byte) error {
	path, err := f.path(kind, key)
	if err != nil {
		return err
	}
	header, size := seal(kind+"/"+key, parts)
	how := atomicfile.Options{Mode: 0o600, Aside: filepath.Join(f.root, tmpName), Unsynced: size < syncFrom}
	err = errors.Join(os.MkdirAll(how.Aside, 0o755), os.MkdirAll(filepath.Dir(path), 0o755))
	if err == nil {
		err = how.Write(path, append([][]byte{header}, parts...)...)
	}
	if err != nil {
		return fmt.Errorf("write cache entry %s: %w", path, err)
	}
	return nil
}

func (f *Folder) path(kind, key string) (string, error) {
	if err := errors.Join(checkName(kind), checkName(key)); err != nil {
		return "", err
	}
	return filepath.Join(f.root, kind, key), nil
}

// checkName keeps names inside the folder and valid on every file system.
func checkName(name string) error {
	if name == "" || name[0] == '.' || len(name) > 160 {
		return fmt.Errorf("cache name %q is empty, hidden or longer than 160 bytes", name)
	}
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		default:
			return fmt.Errorf("cache name %q holds %q", name, c)
		}
	}
	return nil
}

// Usage is what one kind takes on disk.
type Usage struct {
	Kind  string `json:"kind"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

// Usage counts files and bytes of every kind, in the order of Kinds.
func (f *Folder) Usage() ([]Usage, error) {
	var out []Usage
	for _, kind := range Kinds() {
		u := Usage{Kind: kind}
		err := filepath.WalkDir(filepath.Join(f.root, kind), func(_ string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return ignoreAbsent(err)
			}
			info, err := d.Info()
			if err != nil {
				return ignoreAbsent(err)
			}
			u.Files++
			u.Bytes += info.Size()
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("measure cache: %w", err)
		}
		out = append(out, u)
	}
	return out, nil
}

// Clear removes every entry of the kinds named; of all kinds when none is.
// Another process that uses the folder makes anew what it misses.
func (f *Folder) Clear(kinds ...string) error {
	if len(kinds) == 0 {
		kinds = append(Kinds(), tmpName)
	}
	for _, kind := range kinds {
		if err := checkName(kind); err != nil {
			return err
		}
		if err := os.RemoveAll(filepath.Join(f.root, kind)); err != nil {
			return fmt.Errorf("clear cache: %w", err)
		}
	}
	return nil
}

// sweep removes temporary files that a killed process left behind; those that are
// none of ours by their age.
func (f *Folder) sweep(age time.Duration) {
	atomicfile.Sweep(filepath.Join(f.root, tmpName))
	entries, err := os.ReadDir(filepath.Join(f.root, tmpName))
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > age {
			_ = os.Remove(filepath.Join(f.root, tmpName, e.Name()))
		}
	}
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// What nobody has read for keep is removed, looked for once in trimEvery; a read
// is noted once in noteEvery. What was fetched stays: making it anew takes a
// network. Go's own build cache does the same.
const (
	keep      = 10 * 24 * time.Hour
	trimEvery = 24 * time.Hour
	noteEvery = time.Hour
)

// trimName is the file whose time says when the folder was trimmed last.
const trimName = "trimmed"

// besides is the end of the name of a folder that belongs to the entry of the
// same name: what another library wrote (see Store.Dir).
const besides = ".d"

// note says that an entry was read. Where that can't be written, it is removed
// too early, and made anew.
func note(path string, info fs.FileInfo) {
	if now := time.Now(); now.Sub(info.ModTime()) > noteEvery {
		_ = os.Chtimes(path, now, now)
	}
}

// trim removes what nobody has read for long. Every failure leaves an entry for
// the next time.
func (f *Folder) trim() {
	marker := filepath.Join(f.root, trimName)
	info, err := os.Stat(marker)
	if err == nil && time.Since(info.ModTime()) < trimEvery {
		return
	}
	if os.WriteFile(marker, nil, 0o644) != nil || err != nil { // a new folder has nothing old
		return
	}
	_ = os.Chtimes(marker, time.Now(), time.Now())
	for _, kind := range Kinds() {
		if kind != Wheels && kind != Suites {
			trimKind(filepath.Join(f.root, kind))
		}
	}
}

func trimKind(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if lastRead(path, e) > keep {
			_ = os.RemoveAll(path)
		}
	}
}

// lastRead is how long ago an entry was read, or written. A folder beside an
// entry is as old as that.
func lastRead(path string, e fs.DirEntry) time.Duration {
	info, err := e.Info()
	if entry, ok := strings.CutSuffix(path, besides); ok && e.IsDir() {
		if of, absent := os.Stat(entry); absent == nil {
			info, err = of, nil
		}
	}
	if err != nil {
		return 0
	}
	return time.Since(info.ModTime())
}

// Folders beside the kinds.
const (
	tmpName  = "tmp"   // files being written
	lockName = "locks" // one per entry ever locked; empty, and never removed while in use
)

// Lock holds an entry against goroutines and other processes until unlock. It
// waits as long as ctx lets it. The lock of a process that died is free.
func (f *Folder) Lock(ctx context.Context, kind, key string) (unlock func(), err error) {
	if _, err := f.path(kind, key); err != nil {
		return nil, err
	}
	name := kind + "-" + key + ".lock"
	mine := f.gate(name)
	select {
	case mine <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	dir := filepath.Join(f.root, lockName)
	err = os.MkdirAll(dir, 0o755)
	var free func() error
	if err == nil {
		free, err = atomicfile.Lock(ctx, filepath.Join(dir, name))
	}
	if err != nil {
		<-mine
		return nil, fmt.Errorf("lock cache entry %s/%s: %w", kind, key, err)
	}
	return func() {
		_ = free()
		<-mine
	}, nil
}

// gate is the lock between goroutines: file locks don't hold within a process
// everywhere.
func (f *Folder) gate(name string) chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, ok := f.locks[name]
	if !ok {
		g = make(chan struct{}, 1)
		f.locks[name] = g
	}
	return g
}
