//go:build unix

package worker

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// taken is what this process has taken so far.
func taken() use {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return use{}
	}
	memory := int64(u.Maxrss)
	if runtime.GOOS != "darwin" { // which counts bytes, not KiB
		memory <<= 10
	}
	return use{time.Duration(u.Utime.Nano() + u.Stime.Nano()), memory}
}
