package worker

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes"
)

const liarArg = "lying-child-of-the-test"

// lies are what a child says that is not itself any more, by program.
var lies = map[string]func(w *wire){
	"4 GiB announced": func(w *wire) { raw(w, 1<<32-1, kindDone) },
	"no kind":         func(w *wire) { raw(w, 0, kindDone) },
	"another kind":    func(w *wire) { say(w, kindReady, ready{}) },
	"not cbor":        func(w *wire) { raw(w, 2, kindDone, 0xff) },
	"another shape":   func(w *wire) { say(w, kindResults, "text") },
	"a list of 2^62":  func(w *wire) { raw(w, 10, kindResults, 0x9b, 0x40, 0, 0, 0, 0, 0, 0, 0) },
	"a verdict":       func(w *wire) { say(w, kindDone, done{Outcome: runtimes.Outcome{Kind: "pass"}}) },
	"too much memory": func(w *wire) { say(w, kindDone, done{Outcome: runtimes.Outcome{Kind: runtimes.OK, Pages: 65537}}) },
	"too much output": func(w *wire) {
		say(w, kindDone, done{Outcome: runtimes.Outcome{Kind: runtimes.OK, Stdout: make([]byte, 5<<20)}})
	},
	"the end of a script that is none": func(w *wire) {
		say(w, kindDone, done{Outcome: runtimes.Outcome{Kind: runtimes.OK, Test: &runtimes.Outcome{Kind: runtimes.OK}}})
	},
	"a transcript that nobody asked for": func(w *wire) {
		say(w, kindDone, done{Outcome: runtimes.Outcome{Kind: runtimes.OK, Transcript: &runtimes.Transcript{}}})
	},
	"a unit test with an outcome of its own": func(w *wire) {
		say(w, kindDone, done{Outcome: runtimes.Outcome{Kind: runtimes.OK, Tests: []runtimes.TestResult{{Outcome: "fine"}}}})
	},
	"too many unit tests": func(w *wire) {
		say(w, kindDone, done{Outcome: runtimes.Outcome{Kind: runtimes.OK, Tests: make([]runtimes.TestResult, runtimes.MaxTests+1)}})
	},
	"too many results":   func(w *wire) { say(w, kindResults, rows(1, 2, 3)) },
	"fuel going back":    func(w *wire) { say(w, kindResults, rows(2, 1)) },
	"fuel out of nought": func(w *wire) { say(w, kindResults, rows(1<<50)) },
	"parts without end": func(w *wire) {
		for n := uint64(1); w.send(kindResults, []runtimes.Result{{More: true, Total: n << 32}}) == nil; n++ {
		}
	},
	"a value too large": func(w *wire) { say(w, kindResults, []runtimes.Result{{Total: 1, Raw: make([]byte, 2<<20)}}) },
}

func rows(totals ...uint64) (out []runtimes.Result) {
	for _, n := range totals {
		out = append(out, runtimes.Result{Total: n})
	}
	return out
}

func say(w *wire, kind byte, body any) {
	if err := w.send(kind, body); err != nil {
		panic(err)
	}
}

func raw(w *wire, size uint32, frame ...byte) {
	_, _ = w.conn.Write(append(binary.LittleEndian.AppendUint32(nil, size), frame...))
}

// lie is a child that opens well and then lies.
func lie() error {
	control, err := accept(0)
	if err != nil {
		return err
	}
	w, err := accept(1)
	if err != nil {
		return err
	}
	say(control, kindReady, ready{About: About{Name: "liar"}})
	_, body, err := w.receive(1 << 20)
	if err != nil {
		return err
	}
	var r request
	if err := runtimes.Decode(body, &r); err != nil {
		return err
	}
	lies[r.Job.Program.Source](w)
	return hungUp(control)
}

// TestLies: none gets further than the border.
func TestLies(t *testing.T) {
	for name := range lies {
		t.Run(name, func(t *testing.T) {
			p := open(t, func(c *Config) { c.Args[1], c.Setup.Programs = liarArg, 1 })
			had := 0
			j := job(name)
			j.Mode, j.Inputs, j.Limits = runtimes.ModeCases, inputs("a", "b"), runtimes.Limits{ValueBytes: 1 << 20}
			_, err := p.Run(t.Context(), j, func(runtimes.Result) bool {
				had++
				return true
			})
			if err == nil || !strings.Contains(err.Error(), "said what no worker says") {
				t.Errorf("%v after %d results", err, had)
			}
		})
	}
}

// A length that is only announced takes no memory.
func TestAnnouncedLength(t *testing.T) {
	head := append(binary.LittleEndian.AppendUint32(nil, 1<<30), kindDone)
	w := newWire(struct {
		*bytes.Buffer
		nothing
	}{bytes.NewBuffer(head), nothing{}})
	if _, _, err := w.receive(1 << 31); err == nil || cap(w.body) > 2*readStep {
		t.Errorf("%v with room for %d", err, cap(w.body))
	}
}

type nothing struct{}

func (nothing) Close() error { return nil }

func FuzzDone(f *testing.F) {
	for _, d := range []done{{Fault: "f"}, {Outcome: runtimes.Outcome{Kind: runtimes.OK, Exception: &runtimes.ExceptionInfo{Type: "T"}, Stdout: []byte("out")}}} {
		f.Add(encoded(f, d))
	}
	j := withDefaults(job(""))
	f.Fuzz(func(t *testing.T, body []byte) {
		var d done
		if runtimes.Decode(body, &d) == nil && checkOutcome(&d.Outcome, j) == nil && !d.Outcome.Kind.Known() {
			t.Errorf("%q was let through", d.Outcome.Kind)
		}
	})
}

func FuzzResults(f *testing.F) {
	f.Add(encoded(f, append(rows(1, 2), runtimes.Result{More: true, Total: 9, Raw: []byte("raw")})))
	f.Fuzz(func(t *testing.T, body []byte) {
		j := withDefaults(job(""))
		j.Inputs = make([]runtimes.Input, 3)
		var batch []runtimes.Result
		if runtimes.Decode(body, &batch) != nil {
			return
		}
		s, last := newTally(j), uint64(0)
		for _, r := range batch {
			input, err := s.add(r)
			if err != nil {
				return
			}
			if input >= 3 || r.Total <= last {
				t.Errorf("input %d after %d fuel, then %d", input, last, r.Total)
			}
			last = r.Total
		}
	})
}

func encoded(t testing.TB, v any) []byte {
	var b bytes.Buffer
	if err := runtimes.Encode(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
