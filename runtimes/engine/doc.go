// Package engine is the one interface behind which instrumented modules are
// compiled and run, and what every implementation shares.
//
// Invariant: what a call gives (values, fuel, the way it ended, memory) is the
// same on every engine and every machine. An engine's own words, clocks and
// limits never come through; a fault of ours is never a *guest.Halt.
//
// It may import runtimes, runtimes/instrument, runtimes/guest and
// internal/cache. An engine lives in a sub-package and is imported by whoever
// chooses it.
package engine
