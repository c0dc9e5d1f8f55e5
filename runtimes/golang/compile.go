package golang

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/runtimes/confine"
)

// Bounds of one source. What goes over one is the source's fault.
const (
	maxSource = 4 << 20  // bytes
	maxModule = 31 << 20 // bytes: a module fits into a message to a host

	// For each of compiler and linker. net/http and all that it imports take them
	// 0.2 s and 160 MiB.
	toolMemory = 896 << 20 // bytes: with its code, a tool has less than 1 GiB
	toolOutput = 128 << 20 // bytes
)

// toolCPU is the processor time of a tool. 100 KiB of functions take the compiler
// 0.6 s, 1 MiB takes 7 s and is too much: both tools together are through within
// ten seconds.
var toolCPU = map[string]time.Duration{"compile": 6 * time.Second, "link": 3 * time.Second}

// limit is what is said of a source that a tool would need more for than it may
// have. It names all bounds: which one comes first is the machine's affair, and
// the same source gives the same outcome on every machine.
func limit(tool string) language.Program {
	return language.Program{Limit: fmt.Sprintf("to %s it takes more than %s of processor time, %d MiB of memory, or %d MiB in a file",
		tool, toolCPU[tool], toolMemory>>20, toolOutput>>20)}
}

// hangTime is when a tool is given up that neither ends nor computes. That is a
// fault of this machine's.
const hangTime = 10 * time.Minute

// compile makes a module of a source. What the compiler says of the source is in
// the program; the error is a fault of the toolchain's.
func (t *tools) compile(ctx context.Context, s language.Source) (language.Program, error) {
	if len(s.Text) > maxSource {
		return language.Program{Limit: fmt.Sprintf("it has more than %d bytes", maxSource)}, nil
	}
	module, err := t.build(ctx, s.Text)
	var over *confine.Exceeded
	var said *failure
	var exit *exec.ExitError
	switch {
	case err == nil && len(module) > maxModule:
		return language.Program{Limit: fmt.Sprintf("its module has more than %d bytes", maxModule)}, nil
	case err == nil:
		return language.Program{Module: module}, nil
	case errors.As(err, &said) && errors.As(err, &over):
		return limit(said.tool), nil
	case !errors.As(err, &said), !errors.As(err, &exit), exit.ExitCode() < 0:
		return language.Program{}, err
	}
	// A cache that was cleared and a full disk end the tools as a bad source does.
	if _, sick := t.build(ctx, []byte("package main\n\nimport _ \"fmt\"\n\nfunc main() {}\n")); sick != nil {
		return language.Program{}, sick
	}
	if outOfMemory.MatchString(said.said) {
		return limit(said.tool), nil
	}
	return language.Program{Diagnostics: diagnostics(strings.ReplaceAll(said.said, filepath.Dir(t.link)+string(filepath.Separator), ""))}, nil
}

// outOfMemory is what Go's runtime says in a tool that gets no more memory, or whose
// stack has grown to what one may have. A signal is among them: the collector of Go
// 1.26 writes to memory that it was refused, and ends with a SIGSEGV in the runtime's
// own code. A compiler that goes wrong in its own says "panic" or "internal compiler
// error".
var outOfMemory = regexp.MustCompile(`(?m)^(?:(?:fatal error|runtime): (?:runtime: )?(?:out of memory|cannot (?:allocate|map)|failed to (?:create new OS thread|reserve)|goroutine stack exceeds|stack overflow)|SIGSEGV: )`)

// build compiles and links in a folder of its own.
func (t *tools) build(ctx context.Context, text []byte) ([]byte, error) {
	dir, remove, err := atomicfile.Scratch("go")
	if err != nil {
		return nil, err
	}
	defer remove()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(
		os.WriteFile(path("main.go"), text, 0o600),
		os.WriteFile(path("public.cfg"), t.public, 0o600), os.WriteFile(path("all.cfg"), t.all, 0o600),
	); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, hangTime, fmt.Errorf("it has not ended within %s", hangTime))
	defer cancel()
	if err := t.confined(ctx, dir, t.compiler, slices.Concat(compileFlags, []string{"-trimpath", dir + "=>", "-importcfg", "public.cfg", "-o", "main.a", "main.go"})...); err != nil {
		return nil, err
	}
	if err := t.confined(ctx, dir, t.link, slices.Concat(linkFlags, []string{"-importcfg", "all.cfg", "-o", "main.wasm", "main.a"})...); err != nil {
		return nil, err
	}
	module, err := os.Open(path("main.wasm"))
	if err != nil {
		return nil, err
	}
	defer module.Close()
	return io.ReadAll(io.LimitReader(module, maxModule+1))
}

// confined runs a tool on what nobody has looked at, in walls: all that it reaches
// is itself, the standard library, and the folder.
func (t *tools) confined(ctx context.Context, dir, tool string, args ...string) error {
	name := strings.TrimSuffix(filepath.Base(tool), ".exe")
	const tries = 3 // at what is no source's doing
	for try := 1; ; try++ {
		cmd := confine.Command(ctx, confine.Program{
			Path: tool, Args: args, Dir: dir, Env: append(target(), "TMPDIR="+dir),
			Read: append([]string{tool}, t.library...), Write: []string{dir},
			Memory: toolMemory, CPU: toolCPU[name], FileSize: toolOutput,
		})
		_, err := say(ctx, name, cmd.Cmd, cmd.Run)
		if try == tries || !errors.Is(err, confine.ErrLauncher) {
			return err
		}
	}
}

var placed = regexp.MustCompile(`(?m)^main\.go:(\d+)(?::(\d+))?: (.*)$`)

// diagnostics are the places that the tools name, or their first line.
func diagnostics(said string) []language.Diagnostic {
	var all []language.Diagnostic
	for _, m := range placed.FindAllStringSubmatch(said, -1) {
		line, _ := strconv.Atoi(m[1]) // digits; far too many are 0, a place that is not known
		column, _ := strconv.Atoi(m[2])
		all = append(all, language.Diagnostic{Line: line, Column: column, Message: m[3]})
	}
	if len(all) == 0 {
		first, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
		all = append(all, language.Diagnostic{Message: cmp.Or(first, "the compiler rejects it without a word")})
	}
	return all
}
