package worker

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// executable is the one that runs, also when its file was replaced.
func executable() (string, error) { return "/proc/self/exe", nil }

// keepOwnFiles keeps from children what this process has inherited open itself.
// Where the kernel is older than 5.11, it passes on.
func keepOwnFiles() { _ = unix.CloseRange(firstFile, 1<<32-1, unix.CLOSE_RANGE_CLOEXEC) }

// attributes end the child with its parent, however that ends.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL} }

// awaitEnd waits for the end of a child, whose number stays its own still.
func awaitEnd(pid int) {
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}
