//go:build unix

package child

import (
	"os/exec"
	"syscall"
)

// Alone gives the program a process group of its own: a Ctrl-C of ours is none
// of its business, and when its time is over the whole group goes.
func Alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
