// Package rundir is a run directory in the hands of one command: opened, held
// against others, trained in by any trainer, reported on and drawn.
//
// Invariant: a trainer's word alone never makes a run finished. It is when the
// trainer ended well and left a result; all else is an error that says what was
// kept and how to go on. What a trainer says is bounded before it is kept or
// passed on. A directory is never trained in as another run than it holds. A
// drawing is a function of the figures, under TRL's names; those that are no
// numbers are left out.
//
// It imports trainer and internal.
package rundir
