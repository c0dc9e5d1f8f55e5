package confine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// Program is a program that is started behind walls, as a compiler that reads a
// text of nobody we know. What isn't named here it doesn't get: no file, no
// variable, no network, no other program.
type Program struct {
	Path string   // absolute
	Args []string // after its name
	Dir  string   // that it runs in
	Env  []string // NAME=value

	Read   []string // files, and folders with all below them, to be read and executed; those that don't exist are left out
	Write  []string // the same, to be read and changed, and not executed
	Listen bool     // it may wait for connections at Unix sockets in Write

	Memory    uint64        // bytes that a process may allocate, and all together where there are several (default 1 GiB)
	CPU       time.Duration // processor time of a process, in whole seconds (default: no bound)
	FileSize  uint64        // bytes of a file that is written (default 64 MiB)
	Processes int           // that it may start, so many at once (default: none)
}

func (p Program) withDefaults() Program {
	if p.Memory == 0 {
		p.Memory = 1 << 30
	}
	if p.FileSize == 0 {
		p.FileSize = 64 << 20
	}
	return p
}

// ErrLauncher says that what raises a program's walls ended by itself, for want of
// memory as a rule. The program was not started, and can be tried again.
var ErrLauncher = errors.New("it ended before its walls were raised")

// Exceeded is a bound that a program went over. It ended by that.
type Exceeded struct {
	Bound string // with its unit
	err   error
}

func (e *Exceeded) Error() string { return "it took more than " + e.Bound }
func (e *Exceeded) Unwrap() error { return e.err }

// Cmd is a program that is started once. What exec.Cmd has a field for can be
// set before that, but for what Program says and ExtraFiles.
type Cmd struct {
	*exec.Cmd
	Walls []Wall // those around it, once it has started

	program Program
	running
}

// Command readies a program, which ends with ctx and with this process, however
// that ends. Where a wall can't be had, it runs without, and Walls says so.
func Command(ctx context.Context, p Program) *Cmd {
	c := &Cmd{program: p.withDefaults()}
	c.ready(ctx)
	return c
}

// Start starts the program, and returns when the walls are raised.
func (c *Cmd) Start() error { return c.start() }

// Wait waits for the end of the program and of all that it started. An *Exceeded
// says that a bound ended it.
func (c *Cmd) Wait() error { return c.wait() }

// Run starts the program and waits for its end.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Sweep removes what killed processes of ours left of the system's: control groups.
func Sweep() { sweep() }

// ProgramWalls are the walls that a program gets on this machine.
func ProgramWalls(ctx context.Context) ([]Wall, error) {
	c := Command(ctx, Program{})
	err := c.Run()
	return c.Walls, err
}

// mebibytes is a size for people.
func mebibytes(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }

// SystemFolders are where systems keep programs and their libraries, and nothing
// that is anybody's own.
var SystemFolders = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store",
	"/etc/ld.so.cache", "/etc/alternatives",
}
