// Command lazy is the smallest plugin in Go: the laziest model there is. Each
// function that it is asked for does nothing, which makes it a baseline.
package main

import (
	"context"

	"github.com/assay-dev/assay/plugins/sdk"
	"github.com/assay-dev/assay/plugins/sdk/model"
)

func main() { sdk.Serve(lazy{}) }

type lazy struct{}

func (lazy) Identity() string { return "" }

func (lazy) Complete(_ context.Context, r model.Request) (model.Answer, error) {
	text := model.Text{Text: "    pass\n", Finish: model.Stop}
	var a model.Answer
	for range r.N {
		a.Texts = append(a.Texts, text)
	}
	return a, nil
}
