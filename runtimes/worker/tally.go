package worker

import "fmt"

// tally counts the results of a call, and refuses those that no runtime gives:
// a result of no input, too much memory, fuel that runs backwards or beyond
// the budgets. So a call has an end, whatever the child says.
type tally struct {
	call  *call
	whole int    // inputs whose results were all there
	total uint64 // fuel used
	most  uint64 // fuel granted so far
}

func newTally(c *call) tally {
	t := tally{call: c, most: c.Limits.LoadFuel}
	t.grant()
	return t
}

// grant adds the budget of the next input.
func (t *tally) grant() {
	if t.whole == len(t.call.Fuel) {
		return
	}
	fuel := t.call.Fuel[t.whole]
	if fuel == 0 {
		fuel = t.call.Limits.CallFuel
	}
	if t.most += fuel; t.most < fuel {
		t.most = 1<<64 - 1
	}
}

// add counts r and says to which input it belongs.
func (t *tally) add(r result) (input int, err error) {
	switch {
	case t.whole >= len(t.call.Inputs):
		return 0, fmt.Errorf("more than %d results", len(t.call.Inputs))
	case r.Total <= t.total || r.Total > t.most:
		return 0, fmt.Errorf("a result after %d fuel, with %d used before and %d granted", r.Total, t.total, t.most)
	case r.Pages > maxPages:
		return 0, fmt.Errorf("%d pages of memory", r.Pages)
	case uint64(len(r.Raw)) > t.call.Limits.ValueBytes:
		return 0, fmt.Errorf("a value of %d bytes; at most %d", len(r.Raw), t.call.Limits.ValueBytes)
	}
	input, t.total = t.whole, r.Total
	if !r.More {
		t.whole++
		t.grant()
	}
	return input, nil
}
