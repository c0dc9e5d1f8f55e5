//go:build !unix

package child

import "os/exec"

// Alone leaves the program as it is: only it ends when its time is over.
func Alone(*exec.Cmd) {}
