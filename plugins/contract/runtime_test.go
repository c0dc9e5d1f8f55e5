package contract_test

import (
	"os"
	"strings"
	"testing"

	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/contract/contracttest"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/worker"
)

// A language that breaks the contract does not pass.
func TestRuntimeContractIsHeld(t *testing.T) {
	w := worker.New(worker.Config{Setup: worker.Setup{Engine: os.Getenv("ASSAY_ENGINE")}})
	defer w.Close()
	for breaks, want := range map[string]string{
		"":             "",
		"missing":      "it is not here (by hand)",
		"id":           "its toolchain has no id",
		"no recursion": `it has no example of "recursion"`,
		"odd example":  `it has an example of "odd", which nobody knows`,
		"assertions":   `a wrong answer does not: its example of "wrong" ends as ok 3`,
		"line":         `its example of "syntax" ends as syntax_error`,
		"modules":      "a source gives two modules",
		"mixes":        "by itself a source ends as ok 0",
		"wrap":         "a candidate and tests become a program: the program ends as syntax_error",
		"fails":        "what is no text is rejected: a text with a zero in it",
	} {
		t.Run(breaks, func(t *testing.T) {
			err := contracttest.Failed(contract.RunRuntime(t.Context(), contract.RuntimeSubject{
				Language: &contracttest.Tongue{Breaks: breaks}, Runner: w, Limits: runtimes.Limits{LoadFuel: 1e7, MemoryBytes: 8 << 20},
			}))
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}
