package engine

import "errors"

// ErrInterrupted is what a call returns after Interrupt: the host gave up on
// it, which says nothing about the guest.
var ErrInterrupted = errors.New("guest interrupted by the host")

// ErrStarved is what a call returns in which the host had no memory for a guest
// that was within its limit: whatever the guest made of that is no outcome.
var ErrStarved = errors.New("the host had no memory left for the guest")
