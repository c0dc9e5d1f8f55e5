//go:build unix && !linux

package worker

import (
	"os"
	"syscall"
)

func executable() (string, error) { return os.Executable() }

// attributes are none: the child finds its connections closed when the parent
// is gone.
func attributes() *syscall.SysProcAttr { return nil }

func awaitEnd(int) {}

func keepOwnFiles() {}
