package golang

import "testing"

// TestOutOfMemory: what a tool said that was refused memory, and what it said of a
// source. That a tool may have less than it wants shows one time in twelve only.
func TestOutOfMemory(t *testing.T) {
	for said, want := range map[string]bool{
		"fatal error: runtime: out of memory\n\ngoroutine 1":                                                      true,
		"runtime: out of memory: cannot allocate 1073741824-byte block (12 in use)\nfatal error: out of memory\n": true,
		"fatal error: cannot allocate memory\n":                                                                   true,
		"runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n":                   true,
		"SIGSEGV: segmentation violation\nPC=0x43cefd m=3 sigcode=1 addr=0x0\n\ngoroutine 0 gp=0x1 m=3 [idle]:":   true,
		"main.go:3:5: undefined: SIGSEGV: segmentation violation\n":                                               false,
		"main.go:3:5: internal compiler error: panic: runtime error: invalid memory address\n":                    false,
		"main.go:1: out of memory\n": false,
	} {
		if outOfMemory.MatchString(said) != want {
			t.Errorf("%q: want %v", said, want)
		}
	}
}
