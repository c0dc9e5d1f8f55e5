// Package progress is how every room says what it is doing: one value that is
// handed down, and that whoever asked shows as they like.
//
// Invariant: no result depends on it. A nil Func is nobody, so that a room tells
// without asking whether somebody listens. A Func may be called from any
// goroutine, also by several at once.
//
// It imports nothing of ours.
package progress

// Func is told of everything that goes on; nil: nobody listens.
type Func func(Event)

// Event is a notice, or where a stage stands.
type Event struct {
	Notice string // what a user should know; the other fields are empty then

	Stage       string // what is being done: "compile numpy", "judging"
	Done, Total int64  // Total is 0 when it isn't known

	// A stage that counts things has a line of its own for them: "judged 3/10".
	Verb   string  // what became of those that are done: "judged"; "": the stage has a share only
	Things string  // what is counted: "samples"
	Known  int64   // of Done, how many an earlier run has done
	Work   float64 // the share of the work that is done, where things take unlike times; 0: it isn't known
	Detail string  // what else there is to say of them

	Unpaced bool // Detail says itself how fast they are done
}

// Tell passes an event on.
func (f Func) Tell(e Event) {
	if f != nil {
		f(e)
	}
}

// Stage tells of work that takes long; total is 0 when it isn't known.
func (f Func) Stage(name string, done, total int64) {
	f.Tell(Event{Stage: name, Done: done, Total: total})
}

// Notice tells what a user should know.
func (f Func) Notice(text string) { f.Tell(Event{Notice: text}) }
