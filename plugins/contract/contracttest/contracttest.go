// Package contracttest has a trainer and a language for tests: they keep their
// contracts, or break them in the one way that a test asks for.
//
// It imports plugins/contract, trainer, plugins/sdk/language and
// runtimes/wasm/wasmtest; only tests import it.
package contracttest

import (
	"errors"
	"fmt"

	"github.com/assay-dev/assay/plugins/contract"
)

// Failed joins what did not pass.
func Failed(results []contract.Result) error {
	var all []error
	for _, r := range results {
		if r.Err != nil {
			all = append(all, fmt.Errorf("%s: %w", r.Name, r.Err))
		}
	}
	return errors.Join(all...)
}
