package instrument

import (
	"fmt"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// ID names what the rewriting does under these options, whatever the module:
// for the key of a rewritten module in a cache. Bounds decide what is refused,
// and change nothing of what is not.
func (o Options) ID() string {
	o = o.withDefaults()
	o.Bounds, o.OutputBytes = wasm.Bounds{}, 0
	return fmt.Sprintf("%s %s %+v", ScheduleID, revision, o)
}
