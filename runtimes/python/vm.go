package python

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
	"github.com/assay-dev/assay/runtimes/snapshot"
)

// world is what the host holds for one instance.
type world struct {
	*guest.World
	port port
}

// vm is one restored instance, under limits, for one program.
type vm struct {
	*snapshot.Guest[*world]
	limits  runtimes.Limits
	tokens  *tokens
	current token             // of the host's last answer
	python  value.Value       // minor version of the Python that the program is held to; None: its own
	sources sources           // for tracebacks
	verdict *runtimes.Outcome // set when a handler knows how it ended
	exits   bool              // an exit is an end like any other
}

// take gives a restored instance with the tank filled for loading, for a program
// whose source its tokens are made from.
func (r *Runtime) take(ctx context.Context, lim runtimes.Limits, p runtimes.Program) (*vm, error) {
	held, err := minor(p.Python)
	if err != nil {
		return nil, err
	}
	g, err := r.pool.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("python: %w", err)
	}
	g.World.SetLimits(lim)
	g.World.port = port{ctx: ctx, inst: g.Instance, maxFrame: lim.ValueBytes}
	g.SetMemoryLimit(uint32(min(lim.MemoryBytes/pageSize, maxPages)))
	g.SetStack(lim.StackSlots)
	g.SetFuel(lim.LoadFuel)
	return &vm{Guest: g, limits: lim, tokens: newTokens(p.Source), python: held}, nil
}

// minor is the minor version of a Python, as the driver is told it.
func minor(version string) (value.Value, error) {
	if version == "" {
		return value.None{}, nil
	}
	var n int
	if _, err := fmt.Sscanf(version, "3.%d", &n); err != nil || !slices.Contains(runtimes.PythonVersions, version) {
		return nil, fmt.Errorf("python: no program can be held to Python %q", version)
	}
	return value.Small(n), nil
}

const (
	pageSize = 64 << 10
	maxPages = 65536
)

// run lets the driver pull its work from handle until it is over. The outcome
// is what handle decided, or else what the host saw of the guest's end. The
// instance goes back to the pool.
func (r *Runtime) run(ctx context.Context, v *vm, handle func(frame) (reply, error), first reply) (runtimes.Outcome, error) {
	defer r.pool.Put(v.Guest)
	greeted := false
	v.World.port.handle = func(raw []byte) (reply, error) {
		if !greeted {
			greeted = true
			return first, nil
		}
		f, ok := parseFrame(raw)
		if !ok || f.token != v.current {
			return v.forged("a frame that the driver did not write")
		}
		return handle(f)
	}
	_, err := v.Call(ctx, "turn", uint64(r.line.at), uint64(r.line.size))
	if err != nil && ctx.Err() != nil {
		return runtimes.Outcome{}, fmt.Errorf("python: %w", context.Cause(ctx))
	}
	out, err := v.ended(err)
	if err != nil {
		return runtimes.Outcome{}, err
	}
	out.Fuel, out.Pages = v.Used(), v.Pages()
	out.Stdout, out.Stderr = slices.Clone(v.World.Stdout()), slices.Clone(v.World.Stderr())
	return out, nil
}

// next makes the token of the next answer.
func (v *vm) next() token {
	v.current = v.tokens.make()
	return v.current
}

// job makes the driver's first answer.
func (v *vm) job(mode string, more ...value.Value) reply {
	return job(mode, v.next(), v.python, more...)
}

// over ends the guest with an outcome.
func (v *vm) over(out runtimes.Outcome) (reply, error) {
	v.verdict = &out
	return reply{}, errOver
}

func (v *vm) forged(detail string) (reply, error) {
	return v.over(runtimes.Outcome{Kind: runtimes.ForgedResult, Detail: detail})
}

// failed ends the guest by a frame that reports a failure.
func (v *vm) failed(f frame) (reply, error) {
	out, ok := failure(f, v.sources, v.MemoryRefused())
	if !ok {
		return v.forged("a frame out of turn")
	}
	return v.over(out)
}

// ended says what the end of the driver's turn means.
func (v *vm) ended(err error) (runtimes.Outcome, error) {
	var exit *guest.Exit
	var halt *guest.Halt
	switch {
	case v.verdict != nil && errors.Is(err, errOver):
		return *v.verdict, nil
	case err == nil && v.MemoryRefused():
		return engine.OutOfMemory(), nil
	case err == nil:
		return runtimes.Outcome{Kind: runtimes.NoResult, Detail: "the program ended before its result"}, nil
	case errors.As(err, &exit) && v.exits:
		return runtimes.Exited(exit.Code), nil
	case errors.As(err, &exit):
		return runtimes.Outcome{Kind: runtimes.NoResult, Detail: fmt.Sprintf("the program exited with code %d", exit.Code)}, nil
	case errors.As(err, &halt):
		return engine.Halted(halt, v.MemoryRefused()), nil
	case errors.Is(err, engine.ErrInterrupted):
		return runtimes.Outcome{}, fmt.Errorf("python: %w", err)
	}
	return runtimes.Outcome{}, fmt.Errorf("python: running the guest: %w", err)
}

// errOver is how a handler ends the guest: what there was to learn is known.
var errOver = errors.New("the run is over")

// callFuel is what a host call costs beside one for each byte that travels.
const callFuel = 100

// port is the host's end of one instance's private channel, host.call.
type port struct {
	ctx      context.Context
	inst     engine.Instance
	maxFrame uint64 // bytes; a longer one is a value over its bounds
	// handle answers a frame. The frame is the guest's memory, valid until
	// handle returns. An error ends the guest.
	handle func(frame []byte) (reply, error)
}

// function is host.call(ptr, len, out_ptr_ptr, out_len_ptr) → 0, or -1 while
// there is nobody to answer.
func (p *port) function() guest.Function {
	return guest.Function{
		Module: "host", Name: "call",
		Params:  []guest.ValType{guest.I32, guest.I32, guest.I32, guest.I32},
		Results: []guest.ValType{guest.I32},
		Call:    p.call,
	}
}

func (p *port) call(c guest.Caller, params []uint64) (uint64, error) {
	if p.handle == nil {
		const noHost = 1<<32 - 1
		return noHost, nil
	}
	n := params[1]
	raw, ok := span(c.Memory(), params[0], n)
	if !ok {
		return 0, &guest.Halt{Kind: runtimes.ForgedResult, Detail: "a frame outside of memory"}
	}
	if !c.Charge(callFuel + n) {
		return 0, &guest.Halt{Kind: runtimes.OutOfFuel, Detail: "in a host call"}
	}
	if n > p.maxFrame {
		return 0, &guest.Halt{Kind: runtimes.BadValue, Detail: fmt.Sprintf("a result of %d bytes; at most %d", n, p.maxFrame)}
	}
	r, err := p.handle(raw)
	if err != nil {
		return 0, err
	}
	return 0, p.write(c, r, params[2], params[3])
}

// write puts a reply into memory that the guest allocates for it.
func (p *port) write(c guest.Caller, r reply, ptrAt, lenAt uint64) error {
	n := uint64(r.size())
	if !c.Charge(n) {
		return &guest.Halt{Kind: runtimes.OutOfFuel, Detail: "in a host call"}
	}
	at, err := alloc(p.ctx, p.inst, n)
	if err != nil {
		return err
	}
	mem := c.Memory()
	dst, ok1 := span(mem, at, n)
	ptrOut, ok2 := span(mem, ptrAt, 4)
	lenOut, ok3 := span(mem, lenAt, 4)
	if !ok1 || !ok2 || !ok3 {
		return &guest.Halt{Kind: runtimes.ForgedResult, Detail: "a reply outside of memory"}
	}
	copy(dst[copy(dst, r.head):], r.body)
	binary.LittleEndian.PutUint32(ptrOut, uint32(at))
	binary.LittleEndian.PutUint32(lenOut, uint32(n))
	return nil
}

// alloc asks the guest for n bytes.
func alloc(ctx context.Context, inst engine.Instance, n uint64) (uint64, error) {
	out, err := inst.Nested(ctx, "host_alloc", n)
	if err != nil {
		return 0, fmt.Errorf("host_alloc: %w", err)
	}
	if len(out) != 1 || uint32(out[0]) == 0 {
		return 0, &guest.Halt{Kind: runtimes.OutOfMemory, Detail: fmt.Sprintf("no room for an input of %d bytes", n)}
	}
	return uint64(uint32(out[0])), nil
}

func span(mem []byte, at, n uint64) ([]byte, bool) {
	if at > uint64(len(mem)) || n > uint64(len(mem))-at {
		return nil, false
	}
	return mem[at : at+n : at+n], true
}

// Words of frames that are not results.
const (
	wordLoaded   = "loaded" // the program ran to its end and waits for inputs
	wordTagged   = "tagged" // a result, in the tagged form
	wordPart     = "part"   // a part of a result, and not its last
	wordTagPart  = "tagged part"
	wordCall     = "call"     // the test calls the candidate
	wordCode     = "compiled" // the test's code
	wordDone     = "done"     // the test, or the main program, ran to its end
	wordRaised   = "raised"   // an exception came out of the program
	wordMemory   = "memory"   // the like, and it is MemoryError
	wordSyntax   = "syntax"   // the program is not Python
	wordEnded    = "ended"    // SystemExit came out of the program
	wordRefused  = "refused"  // a value has no encoding
	wordBegin    = "begin"    // a unit test begins
	wordTest     = "test"     // it ended, or a part of it
	wordNames    = "names"    // of the unit tests
	wordTampered = "tampered" // the program changed unittest
)

// frame is what the guest sent: (token, body) for a result, (token, word, body)
// for everything else.
type frame struct {
	token token
	word  string // "" for a result
	body  []byte // marshal's bytes, not looked at yet
}

// token numbers an answer of the host; the guest's next frame carries it.
type token [8]byte

// tokens makes the tokens of one program: the same ones for the same program,
// and none that a program can know before the host gave it.
type tokens struct {
	key  [32]byte
	next uint64
}

func newTokens(seed string) *tokens { return &tokens{key: sha256.Sum256([]byte(seed))} }

func (t *tokens) make() token {
	t.next++
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64(t.key[:], t.next))
	return token(sum[:8])
}

var (
	pairHead   = []byte{'(', 2, 0, 0, 0, 's', 8, 0, 0, 0}
	tripleHead = []byte{'(', 3, 0, 0, 0, 's', 8, 0, 0, 0}
)

const (
	headLen = 10 // "(" count "s" length
	maxWord = 16 // more than any word has
)

// parseFrame takes a frame apart. False means that it is not of the form: the
// driver did not write it.
func parseFrame(raw []byte) (f frame, ok bool) {
	if len(raw) < headLen+len(f.token) {
		return f, false
	}
	head, rest := raw[:headLen], raw[headLen:]
	copy(f.token[:], rest)
	rest = rest[len(f.token):]
	if bytes.Equal(head, pairHead) {
		f.body = rest
		return f, true
	}
	if !bytes.Equal(head, tripleHead) || len(rest) < 5 || rest[0] != 'u' {
		return f, false
	}
	n := binary.LittleEndian.Uint32(rest[1:])
	rest = rest[5:]
	if n > maxWord || int(n) > len(rest) || n == 0 {
		return f, false
	}
	f.word, f.body = string(rest[:n]), rest[n:]
	return f, true
}

// reply is an answer to the guest, written in a row; empty when the run is over.
type reply struct{ head, body []byte }

func (r reply) size() int { return len(r.head) + len(r.body) }

// answer is marshal's (token, body).
func answer(t token, body []byte) reply {
	return reply{append(append(make([]byte, 0, 18), pairHead...), t[:]...), body}
}

// again asks for the last result in the tagged form: (token, None).
func again(t token) reply { return answer(t, []byte{'N'}) }

// goOn asks for the next part of a result: (token, True).
func goOn(t token) reply { return answer(t, []byte{'T'}) }

// job is marshal's tuple of a mode, the Python that is meant, and what the mode needs.
func job(mode string, t token, python value.Value, more ...value.Value) reply {
	tuple := append(value.Tuple{value.Str(mode), value.Bytes(t[:]), python}, more...)
	raw, err := value.AppendMarshal(nil, tuple)
	if err != nil {
		panic(err) // plain values have a plain form
	}
	return reply{body: raw}
}

// ambiguous says that a value can't stand as marshal wrote it: there is a
// buffer in it, or a type that the encoding doesn't have. Items are read in a
// row, since containers say how many follow and nothing says more.
func ambiguous(raw []byte) bool {
	if bytes.IndexByte(raw, 's') < 0 {
		return false
	}
	for len(raw) > 0 {
		n := 1
		switch raw[0] {
		case 'N', 'T', 'F', '0', '{':
		case 'i', '(', '[', '<', '>':
			n = 5
		case 'g':
			n = 9
		case 'y':
			n = 17
		case 'u':
			n = 5 + int(count(raw))
		case 'l':
			n = 5 + 2*max(int(count(raw)), -int(count(raw))) // the count has the int's sign
		default:
			return true
		}
		if n < 1 || n > len(raw) {
			return true
		}
		raw = raw[n:]
	}
	return false
}

// count is what an item says of how much follows it; more than there can be when
// even that is cut off.
func count(raw []byte) int32 {
	if len(raw) < 5 {
		return math.MaxInt32
	}
	return int32(binary.LittleEndian.Uint32(raw[1:]))
}
