package guest_test

import (
	"io/fs"

	"github.com/tetratelabs/wazero/api"
)

// moduleCaller is an unmetered module: fuel is what its host calls cost, and
// some for the work between them.
type moduleCaller struct {
	m    api.Module
	used *uint64
}

func (c *moduleCaller) Memory() []byte {
	m := c.m.Memory()
	b, _ := m.Read(0, m.Size())
	return b
}

func (c *moduleCaller) Charge(n uint64) bool { *c.used += n + 10_000; return true }
func (c *moduleCaller) Used() uint64         { return *c.used }

func walkFiles(fsys fs.FS, visit func(path string, data []byte) error) error {
	return fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, path)
		if err != nil {
			return err
		}
		return visit(path, data)
	})
}
