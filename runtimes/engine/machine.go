package engine

import "context"

// PageSize is a page of linear memory, in bytes.
const PageSize = 64 << 10

// Machine is the part of an instance that each engine has its own way for. A
// Guest makes an Instance of it, with meters and rules that are the same for
// all.
type Machine interface {
	// Call runs an export, nested when a host call of this machine asks for it.
	// The error is a *guest.Halt where the guest trapped, anything where Serve
	// gave an error or the guest was stopped, and else a fault of ours.
	Call(ctx context.Context, export string, params []uint64, nested bool) ([]uint64, error)
	// Global is the mutable global exported by that name, or nil where there is
	// none or it holds no number. The stop flag is set from other goroutines
	// while the guest runs.
	Global(name string) Global
	// Memory is the linear memory as it is now; nil where there is none.
	Memory() []byte
	Close(ctx context.Context) error
}

// Global is a mutable global; its value is the bits of a number.
type Global interface {
	Get() uint64
	Set(v uint64)
}
