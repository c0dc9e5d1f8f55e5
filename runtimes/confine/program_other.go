//go:build !linux || !(amd64 || arm64)

package confine

import (
	"context"
	"os/exec"

	"github.com/assay-dev/assay/internal/child"
)

// running needs nothing: there are no walls here.
type running struct{}

func (c *Cmd) ready(ctx context.Context) {
	p := c.program
	c.Cmd = exec.CommandContext(ctx, p.Path, p.Args...)
	child.Alone(c.Cmd)
	c.Dir, c.Env = p.Dir, append([]string{}, p.Env...) // nil would be ours
}

func sweep() {}

func (c *Cmd) start() error {
	c.Walls = raise(Limits{})
	if c.program.Path == "" {
		return nil
	}
	return c.Cmd.Start()
}

func (c *Cmd) wait() error {
	if c.program.Path == "" {
		return nil
	}
	return c.Cmd.Wait()
}
