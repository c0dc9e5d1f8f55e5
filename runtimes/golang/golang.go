package golang

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/assay-dev/assay/plugins/sdk/language"
)

// Golang is the language. Its methods are safe for concurrent use.
type Golang struct {
	mu    sync.Mutex
	tools *tools // nil before Prepare
}

// New makes the language; what it needs is looked for later.
func New() *Golang { return &Golang{} }

// Info says what Go is.
func (*Golang) Info() language.Info {
	return language.Info{
		Name: "go", Aliases: []string{"golang"}, Extension: ".go", Licence: "BSD-3-Clause", Deterministic: true,
		Examples: examples(),
	}
}

// detectTime bounds the question after the version.
const detectTime = 30 * time.Second

// Detect asks for the version of the go command.
func (*Golang) Detect(ctx context.Context) (language.Detection, error) {
	d := language.Detection{Install: "apt-get install golang, brew install go, or go.dev/dl"}
	path, err := exec.LookPath("go")
	if err != nil {
		d.Missing = "there is no go command in PATH"
		return d, nil
	}
	ctx, cancel := context.WithTimeout(ctx, detectTime)
	defer cancel()
	out, err := run(ctx, os.TempDir(), goEnv(), path, "env", "GOVERSION") // a go.mod may ask for another one
	if err != nil {
		d.Missing = err.Error()
		return d, nil
	}
	d.Version = strings.TrimSpace(out)
	return d, nil
}

// Prepare finds the compiler and the linker, and has the standard library built.
func (g *Golang) Prepare(ctx context.Context) (language.Toolchain, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t, err := findTools(ctx)
	if err != nil {
		return language.Toolchain{}, err
	}
	g.tools = t
	return language.Toolchain{ID: t.id, About: t.version + ", wasip1/wasm"}, nil
}

// Compile makes a module of each source.
func (g *Golang) Compile(ctx context.Context, sources []language.Source) ([]language.Program, error) {
	g.mu.Lock()
	t := g.tools
	g.mu.Unlock()
	if t == nil {
		return nil, errors.New("go: Compile comes after Prepare")
	}
	out := make([]language.Program, len(sources))
	for i, s := range sources {
		var err error
		if out[i], err = t.compile(ctx, s); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return out, nil
}
