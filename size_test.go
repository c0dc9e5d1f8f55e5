package assay

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// heavy are packages that the command has been without since something lighter
// does the same; RATIONALE says what they cost.
var heavy = []string{
	"gonum.org/v1/plot", "codeberg.org/go-fonts", "codeberg.org/go-latex", "codeberg.org/go-pdf", "golang.org/x/image",
	"github.com/openai/openai-go", "github.com/anthropics/anthropic-sdk-go", "go.opentelemetry.io/otel",
	"github.com/alecthomas/chroma",
}

// TestNothingHeavy: none of them comes back by the way of something else.
func TestNothingHeavy(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./cmd/assay").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, dep := range strings.Fields(string(out)) {
		for _, h := range heavy {
			if dep == h || strings.HasPrefix(dep, h+"/") {
				t.Errorf("cmd/assay imports %s", dep)
			}
		}
	}
}

// TestSize: the stripped command is no bigger than 75 MB, even with all of
// tree-sitter's grammars, and what its packages do before main, at every start,
// is little: what is big is made when it is first used.
func TestSize(t *testing.T) {
	const (
		mostBytes   = 75_000_000
		mostAtStart = 4 << 20 // all packages together
		mostOfOne   = 1 << 20
	)
	command := filepath.Join(t.TempDir(), "assay")
	if out, err := exec.Command("go", "build", "-ldflags", "-s -w", "-o", command, "./cmd/assay").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	info, err := os.Stat(command)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > mostBytes {
		t.Errorf("the command has %d bytes, more than %d", info.Size(), mostBytes)
	}
	version := exec.Command(command, "version")
	version.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := version.CombinedOutput()
	if err != nil {
		t.Fatalf("assay version: %v\n%s", err, out)
	}
	total, packages := 0, 0
	for _, m := range regexp.MustCompile(`(?m)^init (\S+) .* (\d+) bytes, \d+ allocs$`).FindAllStringSubmatch(string(out), -1) {
		n := 0
		if _, err := fmt.Sscan(m[2], &n); err != nil {
			t.Fatal(err)
		}
		if n > mostOfOne {
			t.Errorf("%s takes %d bytes at the start", m[1], n)
		}
		total += n
		packages++
	}
	if packages < 50 || total > mostAtStart {
		t.Errorf("%d packages take %d bytes at the start, more than %d", packages, total, mostAtStart)
	}
}
