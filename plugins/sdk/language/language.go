// Package language says what a language is whose programs are compiled to
// WebAssembly: something that makes modules of sources, and reads their ends.
//
// Invariant: a language never runs what it compiles, and never decides whether a
// program ran within its limits: it gives a module and arguments, and the host
// instruments, bounds and runs them. What can't be made a failure by the host
// can't be made a success by a language.
//
// Languages that are built in and those that are plugins satisfy the same
// interface. It imports only the standard library.
package language

import "context"

// Language makes WASI commands of programs. It is safe for concurrent use.
type Language interface {
	Info() Info
	// Detect looks for the toolchain, quickly. Nothing is fetched or built.
	Detect(ctx context.Context) (Detection, error)
	// Prepare makes ready what all programs share. It comes before Compile, and
	// may take minutes the first time on a machine.
	Prepare(ctx context.Context) (Toolchain, error)
	// Wrap makes a program of a candidate and its problem.
	Wrap(ctx context.Context, p Problem, completion string) (Source, error)
	// Compile gives a program for each source, in their order. The error is a
	// fault of the toolchain's; what is wrong with a source is in its program, and
	// so is a bound that the source made the compiler go over.
	Compile(ctx context.Context, sources []Source) ([]Program, error)
	// Classify says what it means in the language that a program ended as End.
	Classify(ctx context.Context, e End) (Finding, error)
}

// Info is what a language says of itself.
type Info struct {
	Name          string   // a to z, 0 to 9, + # - and _
	Aliases       []string // other names
	Extension     string   // of its files, with the dot
	Licence       string   // SPDX, of what becomes part of a module
	Deterministic bool     // equal sources give equal modules
	Examples      []Example
}

// Example is a program that shows how something ends in the language.
type Example struct {
	Shows Shows
	Text  string
}

// Shows is what an example is for.
type Shows string

// What a language has an example of. All but the last three are asked of every
// language; those are left out where they mean nothing.
const (
	ShowsPass      Shows = "pass"      // prints "pass" and a line feed, and ends well
	ShowsWrong     Shows = "wrong"     // an assertion fails, as a test's would
	ShowsThrow     Shows = "throw"     // an uncaught exception or panic
	ShowsSyntax    Shows = "syntax"    // is no program of the language
	ShowsLoop      Shows = "loop"      // never ends
	ShowsRecursion Shows = "recursion" // calls itself without an end
	ShowsMemory    Shows = "memory"    // asks for memory, and uses it, without an end
	ShowsWide      Shows = "wide"      // prints 2⁴⁰, counted in the usual whole numbers
	ShowsOrder     Shows = "order"     // prints the keys of an unordered map
	ShowsRandom    Shows = "random"    // prints random numbers
)

// Detection is what was found of a toolchain.
type Detection struct {
	Version string // "" when there is none
	Missing string // why it can't be used; "" when it can
	Install string // how it is had, by which package manager
}

// Toolchain is what compiles.
type Toolchain struct {
	ID    string // a hash of all that decides what becomes of a program: compiler, flags, assets
	About string // for people, one line
}

// Problem is what a candidate is a part of.
type Problem struct{ Name, Prompt, Tests, EntryPoint string }

// Source is the one file of a program.
type Source struct {
	Name string // without a folder
	Text []byte
}

// Program is what became of a source.
type Program struct {
	Module      []byte       // a WASI preview 1 command, which programs may share; nil: the source was rejected
	Args        []string     // the module's arguments after its name and before the user's
	Diagnostics []Diagnostic // why it was rejected, one at least
	Limit       string       // instead of Diagnostics: the bound that compiling it went over, as in "to compile it takes more than 1 GiB of memory"
}

// Diagnostic is what a compiler says of a place.
type Diagnostic struct {
	Line, Column int // from 1; 0 when it is not known
	Message      string
}

// MaxStream bounds each stream of an End, in bytes: it is the end of what a
// program wrote.
const MaxStream = 64 << 10

// End is what the sandbox saw of a program that ended by itself or trapped.
type End struct {
	Trapped  bool
	ExitCode uint32 // when it did not trap
	Trap     string
	Stdout   []byte
	Stderr   []byte
}

// Finding is what an end means in the language.
type Finding struct {
	Kind      Kind    // "": as the sandbox saw it
	Exception *Thrown // what is known of one; may be nil
}

// Kind is a failure that only the language can tell, in the words of verdicts.
type Kind string

// What a language can find.
const (
	Exception     Kind = "exception"
	SyntaxError   Kind = "syntax_error"
	StackOverflow Kind = "stack_overflow"
	OutOfMemory   Kind = "out_of_memory"
)

// Thrown describes an exception. Its texts come from the guest.
type Thrown struct {
	Type    string
	Message string
	Line    int // in the candidate's own source, from 1; 0 when it is not known
}
