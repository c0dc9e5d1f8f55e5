package guest

import (
	"fmt"

	"github.com/assay-dev/assay/runtimes"
)

// Exit is proc_exit: data, never a verdict by itself.
type Exit struct{ Code uint32 }

func (e *Exit) Error() string { return fmt.Sprintf("guest exited with code %d", e.Code) }

// Halt ends a guest for a reason that is the guest's own doing.
type Halt struct {
	Kind   runtimes.Kind // OutOfFuel, OutputLimit, FSLimit, ForgedResult, …
	Detail string
}

func (h *Halt) Error() string { return string(h.Kind) + ": " + h.Detail }
