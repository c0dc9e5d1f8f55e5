package engine

import "errors"

// ErrInterrupted is what a call returns after Interrupt: the host gave up on
// it, which says nothing about the guest.
var ErrInterrupted = errors.New("guest interrupted by the host")
