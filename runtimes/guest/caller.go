package guest

// Caller is what a host call sees of the instance that called it. It is valid
// during the call only.
type Caller interface {
	// Memory is the guest's linear memory as it is now. A call that lets the
	// guest run again (Alloc) must ask anew.
	Memory() []byte
	// Charge takes n fuel. False means that the tank is empty: the host call
	// must have no effect and must return Halt{Kind: runtimes.OutOfFuel}.
	Charge(n uint64) bool
	// Used is the fuel that the instance has used since it was made or
	// restored, up to now. The guest's clock runs on it.
	Used() uint64
}

// Function is one host function in the form that every engine can bind.
type Function struct {
	Module, Name string
	Params       []ValType
	Results      []ValType // at most one
	// Call runs it. Params come as raw 64-bit words (i32 zero-extended). A
	// non-nil error ends the guest: *Exit, *Halt, or a fault of ours.
	Call func(c Caller, params []uint64) (result uint64, err error)
}

// ValType is a WebAssembly value type, by its byte in the binary format.
type ValType byte

const (
	I32 ValType = 0x7f
	I64 ValType = 0x7e
	F32 ValType = 0x7d
	F64 ValType = 0x7c
)
