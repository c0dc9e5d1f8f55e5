package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/assay-dev/assay/internal/atomicfile"
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
		return nil, &DamagedError{Path: path, Reason: string(damage)}
	case err != nil:
		return nil, fmt.Errorf("read cache entry %s: %w", path, err)
	}
	return data, nil
}

func (f *Folder) read(path, name string, alloc func(int) ([]byte, error)) ([]byte, error) {
	file, err := os.Open(path)
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
