package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// What is being made has one of these names, and a lock that ends with its process.
// Whoever finds it without one removes it: its process was killed.
const (
	filePrefix    = ".tmp-assay-" // a file
	scratchPrefix = ".assay-"     // a folder of a process, in the system's for temporary files
)

// stale is the age from which what is left half made is removed where locks are not
// known.
const stale = 24 * time.Hour

var made = regexp.MustCompile(`^[0-9a-z]{6,}$`)

// Sweep removes the files that killed processes left half written in a folder.
func Sweep(dir string) { sweep(dir, filePrefix) }

// sweep removes what has a name that begins so and goes on as unique makes it, and is
// held by nobody. What can't be removed stays for the next time.
func sweep(dir, prefix string) {
	f, err := os.Open(dir)
	if err != nil {
		return
	}
	names, _ := f.Readdirnames(-1)
	_ = f.Close()
	for _, name := range names {
		if len(name) <= len(prefix) || name[:len(prefix)] != prefix || !made.MatchString(name[len(prefix):]) {
			continue
		}
		path := filepath.Join(dir, name)
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() && !info.IsDir() {
			continue
		}
		release, yes, known := abandoned(path)
		switch {
		case yes:
			_ = os.RemoveAll(path)
			release()
		case !known && time.Since(info.ModTime()) > stale:
			_ = os.RemoveAll(path)
		}
	}
}

// swept are the folders that this process has swept before it wrote to them.
var swept sync.Map

func sweepOnce(dir string) {
	if _, done := swept.LoadOrStore(dir, true); !done {
		Sweep(dir)
	}
}

// scratch is this process's folder for temporary files, by the system's folder that
// it is in.
var scratch = struct {
	sync.Mutex
	roots map[string]*scratchRoot
}{roots: map[string]*scratchRoot{}}

type scratchRoot struct {
	dir         string
	release     func()
	made, users int // folders in it
}

// Scratch makes an empty folder for temporary files, which remove removes; its path is
// short, so that a socket can be in it. Those of a process that was killed are removed
// by the next one that asks for one, or by SweepScratch.
func Scratch(name string) (dir string, remove func(), err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("a folder for temporary files: %w", err)
		}
	}()
	scratch.Lock()
	defer scratch.Unlock()
	in := os.TempDir()
	root := scratch.roots[in]
	if root == nil {
		sweep(in, scratchPrefix)
		if root, err = newScratchRoot(in); err != nil {
			return "", nil, err
		}
		scratch.roots[in] = root
	}
	root.made, root.users = root.made+1, root.users+1
	dir = filepath.Join(root.dir, name+strconv.Itoa(root.made))
	if err = os.Mkdir(dir, 0o700); err != nil {
		root.users-- // a root that nobody uses stays for the next one
		return "", nil, err
	}
	return dir, sync.OnceFunc(func() {
		_ = os.RemoveAll(dir) // what stays is removed with the whole
		scratch.Lock()
		defer scratch.Unlock()
		if root.users--; root.users == 0 {
			_ = os.RemoveAll(root.dir)
			root.release()
			delete(scratch.roots, in)
		}
	}), nil
}

func newScratchRoot(in string) (*scratchRoot, error) {
	for {
		dir := filepath.Join(in, scratchPrefix+short())
		release, err := mkdir(dir, 0o700)
		switch {
		case err == nil:
			return &scratchRoot{dir: dir, release: release}, nil
		case !errors.Is(err, fs.ErrExist):
			return nil, err
		}
	}
}

// mkdir makes a folder and holds it. fs.ErrExist says that another name is to be
// tried: this one is taken, or was swept before it was held.
func mkdir(dir string, mode fs.FileMode) (release func(), err error) {
	if err := os.Mkdir(dir, mode); err != nil {
		return nil, err
	}
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fs.ErrExist
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	release, ok := hold(f)
	if !ok {
		return nil, fs.ErrExist
	}
	return release, nil
}

// short is a name for a path of which little room is left, as a socket's.
func short() string {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyz"
	name := make([]byte, 6)
	for i := range name {
		name[i] = letters[rand.N(len(letters))]
	}
	return string(name)
}

// SweepScratch removes the folders for temporary files of processes that were killed.
func SweepScratch() { sweep(os.TempDir(), scratchPrefix) }
