package main

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/plugins"
	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/contract/contracttest"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/embedded"
)

// TestContract holds the backends that are built in to what plugins are held to.
func TestContract(t *testing.T) {
	server := httptest.NewServer(&modelServer{answered: map[string]int{}})
	defer server.Close()
	rows := filepath.Join(t.TempDir(), "rows.jsonl")
	if err := os.WriteFile(rows, []byte(strings.Repeat(`{"task_id":"T/1","completion":"    pass"}`+"\n", 3)), 0o644); err != nil {
		t.Fatal(err)
	}
	chat := model.Request{Task: "T/1", Model: "m", Temperature: 0.8, Messages: []model.Message{{Role: model.User, Content: "write"}}}
	prompt := model.Request{Task: "T/1", Model: "m", Temperature: 0.8, Prompt: "def f():\n"}
	for spec, r := range map[string]model.Request{
		"openai:" + server.URL + "/v1": prompt,
		"replay:" + rows:               prompt,
		"command:cat":                  chat,
		"command-json:echo " + `{"texts":[{"text":"pass","finish":"stop"}]}`: prompt,
	} {
		t.Run(fmt.Sprintf("%.8s", spec), func(t *testing.T) {
			b, _, err := plugins.Open(t.Context(), backendKind(environment), spec, nil, nil)
			if errors.Is(err, exec.ErrNotFound) {
				t.Skip(err) // not every system has cat and echo
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := contracttest.Failed(contract.Run(t.Context(), contract.Subject{Backend: b, Request: r})); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTrainerContract holds the embedded trainer to what plugins are held to;
// TestTrainTRL does so with PyTorch's.
func TestTrainerContract(t *testing.T) {
	s := contract.TrainerSubject{Trainer: embedded.Trainer{}, Settings: trainer.Paper(), Dir: t.TempDir()}
	s.Settings.Method, s.Settings.Model = "sft", embedded.NewModel+"layers=1,width=16,heads=2,vocabulary=262"
	if err := contracttest.Failed(contract.RunTrainer(t.Context(), s)); err != nil {
		t.Error(err)
	}
}
