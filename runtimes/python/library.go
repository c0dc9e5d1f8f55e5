package python

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// Where CPython of the wheel looks for its library, and where matplotlib looks
// for its data. A directory in place of the archive imports faster.
const (
	libraryDir = "usr/local/lib/python315.zip"
	mplDataDir = libraryDir + "/matplotlib/mpl-data"
	mplDataZip = "matplotlib/mpl-data.zip" // within the library
	executable = "/usr/local/bin/python.wasm"
)

// buildTree makes the guest's root directory: the library, matplotlib's data, an
// empty /tmp, an empty file for what looks at sys.executable (platform does), and
// what else is laid over it.
// Files are unpacked when they are first read.
func buildTree(stdlib, mplData []byte, overlay *memfs.Tree) (*memfs.Tree, error) {
	b := memfs.NewBuilder()
	if overlay != nil {
		if err := b.Mount("", overlay); err != nil {
			return nil, fmt.Errorf("python libraries: %w", err)
		}
	}
	for _, part := range []struct {
		dir string
		zip []byte
	}{{libraryDir, stdlib}, {mplDataDir, mplData}} {
		t, err := memfs.FromZip(bytes.NewReader(part.zip), int64(len(part.zip)), []byte(pythonWheel.SHA256))
		if err != nil {
			return nil, fmt.Errorf("python library, %s: %w", part.dir, err)
		}
		if err := b.Mount(part.dir, t); err != nil {
			return nil, fmt.Errorf("python library: %w", err)
		}
	}
	if err := errors.Join(b.Dir("tmp"), b.File(executable, nil)); err != nil {
		return nil, err
	}
	return b.Tree(), nil
}
