package kernel

import "golang.org/x/sys/cpu"

//go:noescape
func tileAVX512(k int, a, b, c *float32, stride int, add bool)

//go:noescape
func tileAVX2(k int, a, b, c *float32, stride int, add bool)

// kernels are those that this processor can run, the best one first.
func kernels() []kernel {
	var found []kernel
	if cpu.X86.HasAVX512F {
		found = append(found, kernel{"avx512", 12, 32, tileAVX512})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		found = append(found, kernel{"avx2", 6, 16, tileAVX2})
	}
	return found
}
