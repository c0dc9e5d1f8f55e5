package python

import "github.com/assay-dev/assay/runtimes"

// Transcript is what the test of a script and a candidate said to each other,
// up to the end of a test that passed. A test is deterministic, so another
// candidate that gives the same answers gets the same calls and passes too.
type Transcript struct {
	Exchanges []Exchange
	Pages     uint32 // linear memory that the test took
	Output    uint64 // bytes that it wrote
}

// Weight is about how many bytes of memory it takes.
func (t *Transcript) Weight() int {
	if t == nil {
		return 0
	}
	sum := 0
	for _, e := range t.Exchanges {
		sum += exchangeBytes + len(e.Call) + len(e.Answer)
	}
	return sum
}

// Exchange is a call and its answer, as they travel.
type Exchange struct {
	Call   []byte
	Answer []byte
}

// transcriptBytes is how long a transcript may be to be kept.
const transcriptBytes = 1 << 20

// exchangeBytes is what one costs beside what was said.
const exchangeBytes = 64

// recorder writes a transcript; nil where none is asked for.
type recorder struct {
	Transcript
	left int // bytes
}

func newRecorder(s Script) *recorder {
	if !s.Record {
		return nil
	}
	return &recorder{left: transcriptBytes}
}

func (r *recorder) add(call, answer []byte) {
	if r == nil {
		return
	}
	if r.left -= exchangeBytes + len(call) + len(answer); r.left >= 0 {
		r.Exchanges = append(r.Exchanges, Exchange{call, answer})
	}
}

// finish gives the transcript of a test that passed, if it is not too long.
func (r *recorder) finish(test runtimes.Outcome) *Transcript {
	if r == nil || r.left < 0 {
		return nil
	}
	r.Pages, r.Output = test.Pages, uint64(len(test.Stdout)+len(test.Stderr))
	return &r.Transcript
}

// rehearsal is what is said in place of the test; nil where nothing was
// recorded, or where the test could hit these limits.
func (t *Transcript) rehearsal(lim runtimes.Limits) []Exchange {
	if t == nil || uint64(t.Pages)*pageSize > lim.MemoryBytes || t.Output > lim.OutputBytes {
		return nil
	}
	return append([]Exchange{}, t.Exchanges...)
}
