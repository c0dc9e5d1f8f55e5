package golang

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/child"
)

// tools are what compiles, and the standard library that it compiles against.
type tools struct {
	version        string
	id             string
	compiler, link string   // paths
	public, all    []byte   // the importcfg of a compilation, and of a link
	library        []string // the files that they name
}

// prepareTime bounds the building of the standard library, which takes half a
// minute on two cores.
const prepareTime = 10 * time.Minute

// flags are part of the toolchain's identity.
var (
	compileFlags = []string{"-p", "main", "-complete", "-nolocalimports", "-dwarf=false", "-pack"}
	linkFlags    = []string{"-buildmode=exe", "-s", "-w", "-buildid="}
)

func findTools(ctx context.Context) (*tools, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, fmt.Errorf("go: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, prepareTime)
	defer cancel()
	if err := hasCache(); err != nil {
		return nil, err
	}
	env := goEnv()
	dir, remove, err := atomicfile.Scratch("go") // no go.mod, and none above that counts
	if err != nil {
		return nil, err
	}
	defer remove()
	about, err := run(ctx, dir, env, path, "env", "GOVERSION", "GOTOOLDIR")
	if err != nil {
		return nil, err
	}
	facts := strings.Split(strings.TrimSpace(about), "\n")
	if len(facts) != 2 {
		return nil, fmt.Errorf("go env says %.200q", about)
	}
	library, err := run(ctx, dir, env, path, "list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}}={{.Export}}={{.BuildID}}{{end}}", "std")
	if err != nil {
		return nil, fmt.Errorf("building Go's standard library for wasip1: %w", err)
	}
	t := &tools{version: strings.TrimSpace(facts[0]), compiler: tool(facts[1], "compile"), link: tool(facts[1], "link")}
	return t, t.read(library)
}

func tool(dir, name string) string {
	path := filepath.Join(strings.TrimSpace(dir), name)
	if os.PathSeparator == '\\' {
		path += ".exe"
	}
	return path
}

// read takes the packages of the standard library: a program may import those
// that are for all, the linker needs every one.
func (t *tools) read(library string) error {
	id := sha256.New()
	fmt.Fprintln(id, t.version, compileFlags, linkFlags)
	var public, all bytes.Buffer
	for line := range strings.Lines(library) {
		parts := strings.Split(strings.TrimSpace(line), "=")
		if len(parts) < 3 {
			continue
		}
		name, file := parts[0], strings.Join(parts[1:len(parts)-1], "=")
		entry := fmt.Sprintf("packagefile %s=%s\n", name, file)
		all.WriteString(entry)
		t.library = append(t.library, file)
		if !internal(name) {
			public.WriteString(entry)
		}
		fmt.Fprintln(id, name, parts[len(parts)-1])
	}
	if public.Len() == 0 {
		return errors.New("go list knows no standard library")
	}
	t.public, t.all, t.id = public.Bytes(), all.Bytes(), hex.EncodeToString(id.Sum(nil))
	return nil
}

func internal(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "internal" || part == "vendor" {
			return true
		}
	}
	return false
}

// kept are the variables that a toolchain needs to find itself and its cache.
var kept = []string{"PATH", "HOME", "GOROOT", "GOCACHE", "XDG_CACHE_HOME", "TMPDIR", "TMP", "TEMP", "SystemRoot", "LocalAppData", "USERPROFILE"}

// goEnv is a toolchain's environment: nothing is fetched, and no setting of the
// user's decides what becomes of a program.
func goEnv() []string {
	env := append(target(), "GOTOOLCHAIN=local", "GOPROXY=off", "GOFLAGS=", "GOENV=off", "GOWORK=off", "GO111MODULE=on", "GOTELEMETRY=off")
	for _, name := range kept {
		if value, there := os.LookupEnv(name); there {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// target is what programs are compiled for.
func target() []string {
	return []string{"GOOS=wasip1", "GOARCH=wasm", "GOWASM=", "CGO_ENABLED=0", "GOEXPERIMENT=", "GODEBUG="}
}

// hasCache says what is missing where Go has no folder for what it built.
func hasCache() error {
	for _, name := range []string{"HOME", "GOCACHE", "XDG_CACHE_HOME", "LocalAppData"} {
		if os.Getenv(name) != "" {
			return nil
		}
	}
	return errors.New("go keeps what it built in a folder: HOME or GOCACHE must say where (a plugin is granted variables with --env)")
}

// maxSaid bounds what is kept of a tool's words, in bytes.
const maxSaid = 4 << 20

// run runs a program to its end, with all that it starts, and returns what it
// wrote to stdout.
func run(ctx context.Context, dir string, env []string, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	child.Alone(cmd)
	cmd.Dir, cmd.Env = dir, append(env[:len(env):len(env)], "GOTMPDIR="+dir)
	return say(ctx, filepath.Base(program), cmd, cmd.Run)
}

// say runs a command, and keeps what it says.
func say(ctx context.Context, name string, cmd *exec.Cmd, run func() error) (string, error) {
	out, said := child.Tail{Most: maxSaid}, child.Tail{Most: maxSaid}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &said, time.Second
	err := run()
	if ctx.Err() != nil {
		return "", fmt.Errorf("%s: %w", name, context.Cause(ctx))
	}
	if err != nil {
		return out.String(), &failure{name, err, said.String() + out.String()}
	}
	return out.String(), nil
}

// failure is a tool that did not end well, and its words.
type failure struct {
	tool string
	err  error
	said string
}

func (f *failure) Error() string {
	return fmt.Sprintf("%s: %v: %s", f.tool, f.err, child.Cut(strings.TrimSpace(f.said), 1<<10))
}

func (f *failure) Unwrap() error { return f.err }
