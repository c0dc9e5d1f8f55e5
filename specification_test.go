package assay

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSpecification holds SPECIFICATION.md to the tree: every promise is
// numbered and names tests, and each of them exists.
func TestSpecification(t *testing.T) {
	page, err := os.ReadFile("SPECIFICATION.md")
	if err != nil {
		t.Fatal(err)
	}
	promise := regexp.MustCompile(`(?m)^\*\*(\d+\.\d+)\*\*(.*)\n(\*Tests:\* .*)?`)
	rows := promise.FindAllStringSubmatch(string(page), -1)
	if len(rows) == 0 {
		t.Fatal("no promises")
	}
	for _, row := range rows {
		number, text, tests := row[1], row[2], strings.TrimPrefix(row[3], "*Tests:* ")
		if tests == "" && !strings.HasPrefix(text, " *How to") {
			t.Errorf("%s names no test", number)
			continue
		}
		for _, room := range strings.Split(tests, "; ") {
			checkTests(t, number, room)
		}
	}
	if n := strings.Count(string(page), "\n*Tests:* "); n > len(rows) {
		t.Errorf("%d lines of tests for %d promises", n, len(rows))
	}
}

// TestSecurity: the table of attackers names tests that exist.
func TestSecurity(t *testing.T) {
	page, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| attacker |")
	rows := 0
	for _, line := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(line, "|")
		if len(cells) != 7 {
			break
		}
		rows++
		for _, room := range strings.Split(strings.TrimSpace(cells[4]), "; ") {
			checkTests(t, strings.TrimSpace(cells[1]), room)
		}
	}
	if rows < 15 {
		t.Errorf("%d attackers", rows)
	}
}

// checkTests looks for the tests of "`folder` name, name".
func checkTests(t *testing.T, number, room string) {
	t.Helper()
	if room == "" {
		return
	}
	m := regexp.MustCompile("^`([a-z/]+)` (.+)$").FindStringSubmatch(room)
	if m == nil {
		t.Errorf("%s: %q is no folder with tests", number, room)
		return
	}
	for _, name := range strings.Split(m[2], ", ") {
		if strings.HasSuffix(name, ".txtar") {
			if _, err := os.Stat(filepath.Join(m[1], "testdata", "script", name)); err != nil {
				t.Errorf("%s: %v", number, err)
			}
			continue
		}
		if !hasTest(m[1], name) {
			t.Errorf("%s: no %s in %s", number, name, m[1])
		}
	}
}

// hasTest says whether a file in dir has the test, whatever its build tags: a
// function, or a method of a suite that other packages run.
func hasTest(dir, name string) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	declared := regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + regexp.QuoteMeta(name) + `\(`)
	for _, f := range files {
		if source, err := os.ReadFile(f); err == nil && declared.Match(source) {
			return true
		}
	}
	return false
}
