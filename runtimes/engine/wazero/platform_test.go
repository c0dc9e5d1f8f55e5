package wazero

import (
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestPlatform: there is an engine where wazero has a compiler, and a clear
// word elsewhere. make foreign runs it where there is none.
func TestPlatform(t *testing.T) {
	e, err := New(Config{})
	if slices.Contains([]string{"amd64", "arm64"}, runtime.GOARCH) {
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), "has no compiler for "+runtime.GOOS+"/"+runtime.GOARCH) || !strings.Contains(err.Error(), "assay runs on") {
		t.Error(err)
	}
}
