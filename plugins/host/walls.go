package host

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assay-dev/assay/runtimes/confine"
)

// What a runtime may take beside memory.
const (
	runtimeFile      = 1 << 30 // bytes
	runtimeProcesses = 512
)

// walled is a runtime's process. Its compiler reads texts of nobody we know, so it
// has walls: no network, and no file but its own folder, the system's programs and
// libraries, its Python, the folders that variables name which it was granted,
// and two that it may write to: one that goes when it does, and its cache.
func walled(c Config, folder string, env []string) (confine.Program, error) {
	scratch, cache := filepath.Join(folder, "tmp"), c.Cache
	if cache == "" {
		cache = filepath.Join(folder, "cache")
	}
	p := confine.Program{
		Path: c.Args[0], Args: c.Args[1:], Dir: c.Dir,
		Env:    slices.Concat(env, []string{"XDG_CACHE_HOME=" + cache}, c.Env, []string{"TMPDIR=" + scratch}),
		Read:   slices.Concat([]string{c.Args[0], c.Dir}, c.Read, confine.SystemFolders, []string{"/dev/urandom"}), // which gRPC opens
		Write:  []string{folder, cache},
		Listen: true,
		Memory: c.Memory, FileSize: runtimeFile, Processes: runtimeProcesses,
	}
	granted(&p, c.Env)
	for _, dir := range append(p.Write, scratch) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return p, err
		}
	}
	return p, nil
}

// granted opens the folders that variables name: to be written to where the name
// says that it is a cache. Home is none of them, and no folder that it is in.
func granted(p *confine.Program, env []string) {
	home, err := os.UserHomeDir()
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if name == "HOME" || name == "TMPDIR" {
			continue
		}
		for _, path := range filepath.SplitList(value) {
			if !filepath.IsAbs(path) || err == nil && within(home, path) || within(p.Dir, path) {
				continue
			}
			if strings.Contains(name, "CACHE") {
				p.Write = append(p.Write, path)
			} else {
				p.Read = append(p.Read, path)
			}
		}
	}
}

// within says whether a path is a folder or below it.
func within(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// askPython is how a Python says where it has its library and its packages, and
// where the SDK is, which may be installed as a link to somewhere else.
const askPython = `
import importlib.util, sys
spec = importlib.util.find_spec("assay_plugin")
print(sys.prefix, sys.base_prefix, *sys.path, *(spec and spec.submodule_search_locations or ()), sep="\n")
`

// pythonPaths are the folders that a plugin's Python needs; none where the plugin
// is no program for Python, or its Python does not answer: starting it says more.
func pythonPaths(ctx context.Context, c Config) []string {
	if len(c.Args) < 2 || !strings.HasPrefix(filepath.Base(c.Args[0]), "python") {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Args[0], "-B", "-c", askPython)
	cmd.Dir, cmd.Env = c.Dir, append([]string{}, c.Env...)
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	var paths []string
	for path := range strings.Lines(string(out)) {
		if path = strings.TrimSpace(path); filepath.IsAbs(path) {
			paths = append(paths, path)
		}
	}
	return paths
}
