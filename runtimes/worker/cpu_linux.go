package worker

import (
	"time"

	"golang.org/x/sys/unix"
)

// processTime is the processor time of another process; 0 for none.
type processTime struct{ pid int }

// limit grants so much from now on. Where the kernel refuses, there is no limit.
func (p processTime) limit(more time.Duration) {
	if p.pid == 0 {
		return
	}
	const clockOfProcess = 2 // CPUCLOCK_SCHED of linux/posix-timers.h
	var used unix.Timespec
	if unix.ClockGettime(int32(^p.pid<<3|clockOfProcess), &used) != nil {
		return
	}
	until := used.Nano() + int64(more)
	limit := unix.Rlimit{Cur: uint64(until/int64(time.Second)) + 1, Max: unix.RLIM_INFINITY}
	_ = unix.Prlimit(p.pid, unix.RLIMIT_CPU, &limit, nil)
}
