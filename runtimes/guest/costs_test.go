package guest

import (
	"os"
	"strings"
	"testing"
)

// Each function has a row in the table of what the host does for a guest, with
// what it costs before it starts.
func TestCostsAreInTheSpecification(t *testing.T) {
	text, err := os.ReadFile("../../SPECIFICATION.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n**13.1**")
	if !found {
		t.Fatal("no 13.1")
	}
	costs := map[uint64]string{costPlain: "200", costFile: "500", costPath: "2,000"}
	for _, r := range table {
		rows := 0
		for row := range strings.Lines(section) {
			cells := strings.Split(row, "|")
			if len(cells) == 6 && strings.Contains(cells[1], "`"+r.name+"`") && strings.Contains(cells[2], costs[r.cost]) {
				rows++
			}
		}
		if rows == 0 {
			t.Errorf("no row has %s with %d fuel", r.name, r.cost)
		}
	}
}
