// Package curves draws how a training went: as SVG beside the run, and in a
// terminal.
//
// Its invariant: a drawing is a function of the figures; figures that are no
// numbers leave a gap. It draws what any trainer logs under TRL's names.
//
// It imports trainer.
package curves
