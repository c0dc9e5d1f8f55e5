package golang

import (
	_ "embed"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-dev/assay/plugins/sdk/language"
)

//go:embed examples.txtar
var exampleText []byte

// examples are the conformance set.
func examples() []language.Example {
	var all []language.Example
	for _, f := range txtar.Parse(exampleText).Files {
		all = append(all, language.Example{Shows: language.Shows(f.Name), Text: string(f.Data)})
	}
	return all
}
