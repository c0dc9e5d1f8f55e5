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

	"github.com/assay-dev/assay/plugins/sdk/language"
)

// Bounds of one source.
const (
	compileTime = time.Minute
	maxSource   = 4 << 20  // bytes
	maxModule   = 31 << 20 // bytes: a module fits into a message to a host
)

// compile makes a module of a source. What the compiler says of the source is in
// the program; the error is a fault of the toolchain's.
func (t *tools) compile(ctx context.Context, s language.Source) (language.Program, error) {
	if len(s.Text) > maxSource {
		return rejection(language.Diagnostic{Message: fmt.Sprintf("it has more than %d bytes", maxSource)}), nil
	}
	module, err := t.build(ctx, s.Text)
	var said *failure
	var exit *exec.ExitError
	switch {
	case err == nil && len(module) > maxModule:
		return rejection(language.Diagnostic{Message: fmt.Sprintf("its module has %d bytes, and %d at most", len(module), maxModule)}), nil
	case err == nil:
		return language.Program{Module: module}, nil
	case !errors.As(err, &said), !errors.As(err, &exit), exit.ExitCode() < 0:
		return language.Program{}, err
	}
	// A cache that was cleared and a full disk end the tools as a bad source does.
	if _, sick := t.build(ctx, []byte("package main\n\nimport _ \"fmt\"\n\nfunc main() {}\n")); sick != nil {
		return language.Program{}, sick
	}
	return rejection(diagnostics(said.said)...), nil
}

// build compiles and links in a folder of its own.
func (t *tools) build(ctx context.Context, text []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "assay-go-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := func(name string) string { return filepath.Join(dir, name) }
	env := goEnv()
	if err := errors.Join(
		os.WriteFile(path("main.go"), text, 0o600),
		os.WriteFile(path("public.cfg"), t.public, 0o600), os.WriteFile(path("all.cfg"), t.all, 0o600),
	); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, compileTime, fmt.Errorf("it took more than %s", compileTime))
	defer cancel()
	if _, err := run(ctx, dir, env, t.compiler, slices.Concat(compileFlags, []string{"-trimpath", dir + "=>", "-importcfg", "public.cfg", "-o", "main.a", "main.go"})...); err != nil {
		return nil, err
	}
	if _, err := run(ctx, dir, env, t.link, slices.Concat(linkFlags, []string{"-importcfg", "all.cfg", "-o", "main.wasm", "main.a"})...); err != nil {
		return nil, err
	}
	module, err := os.Open(path("main.wasm"))
	if err != nil {
		return nil, err
	}
	defer module.Close()
	return io.ReadAll(io.LimitReader(module, maxModule+1))
}

func rejection(d ...language.Diagnostic) language.Program { return language.Program{Diagnostics: d} }

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
