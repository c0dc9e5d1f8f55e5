package contract_test

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/contract/contracttest"
	"github.com/assay-dev/assay/trainer"
)

// A trainer that breaks the contract does not pass.
func TestTrainerContractIsHeld(t *testing.T) {
	for breaks, want := range map[string]string{
		"":           "",
		"versions":   "it names no version",
		"start":      "it tells of a step before its start",
		"order":      "it tells of step 1 of 3 after step 1",
		"loss":       "it tells of step 1 without a loss",
		"config":     "it wrote into what it was given",
		"weights":    "checkpoint: no such file",
		"result":     "the trainer ended without a result.json",
		"stop":       "it stops after a step when it is asked to, with a checkpoint: it trained on to the end",
		"checkpoint": "it kept no checkpoint",
		"resume":     "it goes on with step 1",
		"pairs":      "it trains on pairs that are not those",
		"model":      "it trains on a model that is not there",
	} {
		t.Run(breaks, func(t *testing.T) {
			s := contract.TrainerSubject{Trainer: contracttest.Counter{Breaks: breaks}, Settings: trainer.Paper(), Dir: t.TempDir()}
			s.Settings.Model = t.TempDir()
			err := contracttest.Failed(contract.RunTrainer(t.Context(), s))
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}
