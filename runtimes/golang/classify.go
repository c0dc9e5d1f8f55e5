package golang

import (
	"bytes"
	"context"
	"regexp"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/plugins/sdk/language"
)

// Exit codes that the runtime and package testing give a program.
const (
	testsFailed = 1
	runtimeDied = 2
)

var (
	death  = regexp.MustCompile(`(?m)^(panic|fatal error|runtime): (.*)$`)
	failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	ours   = regexp.MustCompile(`(?m)^\s+main\.go:(\d+)`)
)

// Classify reads what Go's runtime prints before it ends a program, and what
// package testing prints of a test.
func (*Golang) Classify(_ context.Context, e language.End) (language.Finding, error) {
	switch {
	case e.Trapped:
	case e.ExitCode == runtimeDied:
		return died(e.Stderr), nil
	case e.ExitCode == testsFailed && bytes.Contains(e.Stdout, []byte("--- FAIL: ")):
		x := &language.Thrown{Type: "test failure"}
		if m := failed.FindSubmatch(e.Stdout); m != nil {
			x.Message = string(m[1])
		}
		return language.Finding{Kind: language.Exception, Exception: x}, nil
	}
	return language.Finding{}, nil
}

func died(stderr []byte) language.Finding {
	m := death.FindSubmatchIndex(stderr)
	if m == nil {
		return language.Finding{} // it chose that code itself
	}
	x := &language.Thrown{Type: string(stderr[m[2]:m[3]]), Message: string(stderr[m[4]:m[5]])}
	switch {
	case strings.Contains(x.Message, "out of memory"), strings.Contains(x.Message, "cannot allocate memory"):
		return language.Finding{Kind: language.OutOfMemory}
	case strings.Contains(x.Message, "stack exceeds"), strings.Contains(x.Message, "stack overflow"):
		return language.Finding{Kind: language.StackOverflow}
	}
	if at := ours.FindSubmatch(stderr[m[1]:]); at != nil {
		x.Line, _ = strconv.Atoi(string(at[1])) // digits
	}
	return language.Finding{Kind: language.Exception, Exception: x}
}
