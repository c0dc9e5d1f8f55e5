package contract_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/contract/contracttest"
)

// breaker is a backend that breaks the contract in one way.
type breaker struct {
	id     string
	more   int
	text   string
	finish model.Finish
	usage  model.Usage
	err    error // to what it can't answer
	hang   bool
}

func (b breaker) Identity() string { return b.id }

func (b breaker) Complete(_ context.Context, r model.Request) (model.Answer, error) {
	if b.hang {
		select {}
	}
	if b.err != nil && r.Prompt != "p" {
		return model.Answer{}, b.err
	}
	out := model.Answer{Usage: b.usage}
	for range r.N + b.more {
		text := model.Text{Text: b.text, Finish: model.Stop}
		if b.finish != "" {
			text.Finish = b.finish
		}
		out.Texts = append(out.Texts, text)
	}
	return out, nil
}

// A backend that breaks the contract does not pass.
func TestContractIsHeld(t *testing.T) {
	for _, tt := range []struct {
		name string
		b    breaker
		want string
	}{
		{"keeps it", breaker{id: "b"}, ""},
		{"no identity", breaker{}, "its identity is one line, and stays the same: it is empty"},
		{"two lines", breaker{id: "a\nb"}, "can't be printed"},
		{"too many", breaker{id: "b", more: 1}, "1 samples were asked for, it gave 2"},
		{"none", breaker{id: "b", more: -1}, "it gave 0"},
		{"no UTF-8", breaker{id: "b", text: "\xff"}, "a text is no UTF-8"},
		{"no end", breaker{id: "b", finish: "?"}, `a text ended by "?"`},
		{"negative", breaker{id: "b", usage: model.Usage{PromptTokens: -1}}, "it counts -1"},
		{"an error without a kind", breaker{id: "b", err: os.ErrInvalid}, "an error without a kind: invalid argument"},
		{"an error without a word", breaker{id: "b", err: &model.Error{Kind: model.Refused}}, "of kind refused without a word"},
		{"an unknown kind", breaker{id: "b", err: &model.Error{Kind: "sad", Message: "x"}}, `of no known kind, "sad"`},
	} {
		err := contracttest.Failed(contract.Run(t.Context(), contract.Subject{Backend: tt.b, Request: model.Request{Task: "T/1", Prompt: "p"}}))
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// A backend that does not return is not waited for.
func TestPatience(t *testing.T) {
	s := contract.Subject{Backend: breaker{id: "b", hang: true}, Request: model.Request{Task: "T/1", Prompt: "p"}, Patience: time.Millisecond}
	if err := contracttest.Failed(contract.Run(t.Context(), s)); err == nil || !strings.Contains(err.Error(), "it has not returned within 1ms") {
		t.Errorf("got %v", err)
	}
}
