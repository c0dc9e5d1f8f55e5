package memfs

import (
	"maps"
	"slices"
	"strings"
)

// fromMap builds a tree of files; a path that ends in a slash is an empty
// directory.
func fromMap(files map[string][]byte) (*Tree, error) {
	b := NewBuilder()
	for _, path := range slices.Sorted(maps.Keys(files)) {
		var err error
		if strings.HasSuffix(path, "/") {
			err = b.Dir(path)
		} else {
			err = b.File(path, files[path])
		}
		if err != nil {
			return nil, err
		}
	}
	return b.Tree(), nil
}
