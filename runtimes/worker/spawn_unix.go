//go:build unix

package worker

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/assay-dev/assay/runtimes/confine"
)

// Supported says whether there can be a child.
const Supported = true

// firstFile is the descriptor of the first connection in the child.
const firstFile = 3

// spawn starts this executable with args and n connections.
func spawn(args []string, n int) (*child, error) {
	path, err := executable()
	if err != nil {
		return nil, err
	}
	c := &child{gone: make(chan struct{}), free: make(chan *wire, n)}
	c.cmd = &exec.Cmd{Path: path, Args: args, Stderr: &c.said}
	defer func() {
		for _, f := range c.cmd.ExtraFiles {
			_ = f.Close()
		}
	}()
	for range n {
		ours, theirs, err := socketPair()
		if err != nil {
			return nil, errors.Join(err, c.hangUp())
		}
		c.cmd.ExtraFiles = append(c.cmd.ExtraFiles, theirs)
		if c.control == nil {
			c.control = newWire(ours)
		} else {
			c.free <- newWire(ours)
		}
	}
	started := make(chan error)
	go c.live(started)
	if err := <-started; err != nil {
		return nil, errors.Join(err, c.hangUp())
	}
	return c, nil
}

// live starts the process and waits for its end, in a thread of its own.
func (c *child) live(started chan<- error) {
	runtime.LockOSThread() // for good: it ends with this function
	if err := confine.Start(c.cmd); err != nil {
		started <- err
		return
	}
	c.cpu.process.pid = c.cmd.Process.Pid
	c.cpu.progress()
	started <- nil
	awaitEnd(c.cmd.Process.Pid)
	c.cpu.close()
	_ = c.cmd.Wait() // the state says all
	c.status = c.cmd.ProcessState.String()
	close(c.gone)
}

// hangUp closes the connections of a child that never was.
func (c *child) hangUp() error {
	var err error
	if c.control != nil {
		err = c.control.conn.Close()
	}
	for len(c.free) > 0 {
		err = errors.Join(err, (<-c.free).conn.Close())
	}
	return err
}

// socketPair gives two connected sockets; the second is for another process.
func socketPair() (net.Conn, *os.File, error) {
	syscall.ForkLock.RLock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fds[0])
		unix.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, fmt.Errorf("socketpair: %w", err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "theirs")
	ours, err := connection(fds[0])
	if err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return ours, theirs, nil
}

// connection makes a descriptor a connection, and closes it.
func connection(fd int) (net.Conn, error) {
	f := os.NewFile(uintptr(fd), "connection")
	conn, err := net.FileConn(f)
	return conn, errors.Join(err, f.Close())
}
