package wazero

import (
	"context"
	"errors"

	"github.com/tetratelabs/wazero/api"

	"assay/runtimes/engine"
	"assay/runtimes/guest"
)

// boundImport is a host function of one instance.
type boundImport struct {
	call            func(c guest.Caller, params []uint64) (uint64, error)
	params, results []uint64 // masks
}

// instanceKey finds the instance in the context of a call.
type instanceKey struct{}

// errHost unwinds wazero after a host call failed; why is in Instance.hostErr.
var errHost = errors.New("host call failed")

// hostCall is the Go side of the n-th import, for every instance.
func hostCall(n int) api.GoModuleFunc {
	return func(ctx context.Context, _ api.Module, stack []uint64) {
		i := ctx.Value(instanceKey{}).(*Instance)
		if err := i.serve(&i.imports[n], stack); err != nil {
			i.hostErr = err
			panic(errHost)
		}
	}
}

// serve runs a host function, unless the guest is at its end already.
func (i *Instance) serve(f *boundImport, stack []uint64) error {
	if i.interrupted.Load() {
		return engine.ErrInterrupted
	}
	if halt := i.meters().Halt(); halt != nil {
		return halt
	}
	for k, mask := range f.params {
		stack[k] &= mask
	}
	result, err := f.call(caller{i}, stack[:len(f.params)])
	if err != nil {
		return err
	}
	if len(f.results) == 1 {
		stack[0] = result & f.results[0]
	}
	return nil
}

// caller is an instance as its host functions see it.
type caller struct{ i *Instance }

var _ guest.Caller = caller{}

func (c caller) Memory() []byte       { return c.i.Memory() }
func (c caller) Charge(n uint64) bool { return c.i.charge(n) }
func (c caller) Used() uint64         { return c.i.Used() }
