// Package instrument rewrites a module so that any engine can run it bounded
// and bit for bit the same: exceptions are lowered to plain branches, fuel and
// stack depth are metered, NaNs are made canonical, memory.grow obeys a limit,
// and the state that a snapshot needs is exported.
//
// Invariant: what comes out is a valid module of WebAssembly 2.0 that does what
// the module that came in does, until a meter stops it; the same module and
// Options give the same bytes. A module that is malformed, too big or beyond
// the accepted proposals is refused with an error that says where.
//
// How it works: one reading of the code validates it and notes what each
// function does (analyse.go, throws.go); one walk then writes it anew with all
// passes at once (function.go and the files named for each pass). Fuel is
// charged lazily: along straight code the walk only adds up what is owed, a
// number known where the code is written, and writes a subtraction where paths
// that owe different amounts meet, before loops, and where the fuel is stored
// (before calls and returns). So at every call and return the tank holds exactly
// what schedule fuel/2 says. Loops look whether it is empty at every round;
// checks.go says which functions look on entry.
//
// It imports runtimes/wasm.
package instrument
