//go:build !linux

package worker

import "time"

// processTime is the processor time of another process, where that can be limited.
type processTime struct{ pid int }

func (processTime) limit(time.Duration) {}
