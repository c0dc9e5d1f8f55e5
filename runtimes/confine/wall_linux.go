//go:build amd64 || arm64

package confine

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/landlock-lsm/go-landlock/landlock"
	landlocksys "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// raise has an order: limits are measured by reading files, and closing the
// files to every thread takes a descriptor.
func raise(l Limits) []Wall {
	set, err := measure(l)
	return []Wall{privileges(), files(), limits(set, err), calls(l.Code)}
}

func limits(s limitSet, err error) Wall {
	if err == nil {
		err = s.set()
	}
	return stands(nameLimits, fmt.Sprintf("%s of memory that can be written to, no further descriptors, no file gets longer, no core dumps", mebibytes(s.memory)), err)
}

// privileges are given up. Without the last call core_pattern would have a crash
// piped to a program, whatever the limit on core dumps.
func privileges() Wall {
	return stands(namePrivileges, "none left, none to be gained, and no other process may look in", errors.Join(
		dropAll(),
		landlocksys.AllThreadsPrctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), // of each thread
		unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0),
	))
}

// files closes the file system: not one path is left open.
func files() Wall {
	version, err := landlocksys.LandlockGetABIVersion()
	if err != nil || version < 1 {
		return stands(nameFiles, "", errNoLandlock)
	}
	return stands(nameFiles, about(version, "no file, no folder"), landlock.V6.BestEffort().Restrict())
}

// about is what Landlock of that version keeps out.
func about(version int, files string) string {
	switch {
	case version >= 6:
		files += ", no TCP, no abstract sockets, no signals to others"
	case version >= 4:
		files += ", no TCP"
	}
	return files
}

var errNoLandlock = errors.New("this kernel has no Landlock, or it is switched off")

// calls closes the kernel.
func calls(code bool) Wall {
	err := filter(code, false)
	codeLeft.Store(code && err == nil)
	return stands(nameCalls, fmt.Sprintf("no system calls but the %d of a program that computes: no sockets, no processes, no new code", len(allowed)), err)
}

// codeLeft says that a filter stands which lets code be made.
var codeLeft atomic.Bool

func seal() error {
	if !codeLeft.Swap(false) {
		return nil
	}
	return filter(false, true)
}
