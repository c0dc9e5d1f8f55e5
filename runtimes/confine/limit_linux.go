//go:build amd64 || arm64

package confine

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// limitSet is what the kernel counts for a process. Address space is not
// limited: images reserve much of it.
type limitSet struct{ memory, descriptors uint64 }

// measure finds the limits, and closes what is open for nobody. It reads files.
func measure(l Limits) (s limitSet, err error) {
	s.memory = l.Memory
	has, err := dataSize()
	switch {
	case err != nil:
		return s, err
	case has > l.Memory:
		return s, fmt.Errorf("it has %s of memory already, and should have %s at most", mebibytes(has), mebibytes(l.Memory))
	}
	s.descriptors, err = closeRest()
	return s, err
}

func (s limitSet) set() error {
	return errors.Join(
		lower(unix.RLIMIT_DATA, s.memory),
		lower(unix.RLIMIT_CORE, 0),
		lower(unix.RLIMIT_FSIZE, 0),
		lower(unix.RLIMIT_NOFILE, s.descriptors),
		endAtCPULimit(),
	)
}

// lower sets a limit for good, unless a lower one is in force.
func lower(what int, value uint64) error {
	var is unix.Rlimit
	if err := unix.Getrlimit(what, &is); err != nil {
		return err
	}
	value = min(value, is.Cur)
	return unix.Setrlimit(what, &unix.Rlimit{Cur: value, Max: value})
}

// dataSize is what RLIMIT_DATA counts, in bytes.
func dataSize() (uint64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmData:"); ok {
			kib, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 54)
			return kib << 10, err
		}
	}
	return 0, errors.New("/proc/self/status has no VmData")
}

// closeRest closes the descriptors by which Go's runtime follows a container's share
// of the processors, and returns the first one above all that are open.
func closeRest() (uint64, error) {
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0)) // a number that was chosen is not followed

	dir, err := os.Open("/proc/self/fd")
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return 0, err
	}
	next := uint64(3)
	for _, name := range names {
		n, err := strconv.ParseUint(name, 10, 31)
		if err != nil {
			return 0, fmt.Errorf("/proc/self/fd: %w", err)
		}
		if path, err := os.Readlink("/proc/self/fd/" + name); err == nil && strings.HasPrefix(path, "/sys/fs/cgroup/") {
			_ = unix.Close(int(n))
			continue
		}
		if n != uint64(dir.Fd()) {
			next = max(next, n+1)
		}
	}
	return next, nil
}

// endAtCPULimit has the kernel end the process at its limit on processor time,
// which the parent sets. Go would ignore the signal, and a Go handler could not
// run while the engine hangs.
func endAtCPULimit() error {
	var byDefault [4]uint64 // struct sigaction with SIG_DFL
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGXCPU), uintptr(unsafe.Pointer(&byDefault)), 0, 8, 0, 0)
	if errno != 0 {
		return fmt.Errorf("SIGXCPU: %w", errno)
	}
	return nil
}
