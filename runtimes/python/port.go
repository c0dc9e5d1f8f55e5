package python

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
)

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
