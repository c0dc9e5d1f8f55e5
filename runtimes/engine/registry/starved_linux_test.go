package registry

import (
	"errors"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/instrument"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestStarved: a growth that the limits allow and the host can't give is a fault
// of ours, though the guest lives on, and whatever happens before it is reset.
func TestStarved(t *testing.T) {
	wat := wasmtest.New()
	wat.Memory(1, 100)
	wat.ExportFunc("grow", wat.Func("i32", "i32", "", "local.get 0 memory.grow"))
	m, err := instrument.Instrument(wat.Bytes(), instrument.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range BuiltIn() {
		t.Run(name, func(t *testing.T) { starve(t, open(t, name, m, nil)) })
	}
}

func starve(t *testing.T, inst engine.Instance) {
	const refused = 1<<32 - 1
	grow := func(pages, want uint64) {
		t.Helper()
		inst.SetFuel(1 << 40)
		if got, err := inst.Call(bg, "grow", pages); err != nil || got[0] != want {
			t.Fatalf("by %d: %v, %v, want %d", pages, got, err, want)
		}
	}
	grow(1, 1)
	grow(1<<20, refused) // beyond the module's own maximum
	if !inst.MemoryRefused() {
		t.Error("the module's maximum is no refusal")
	}
	// What is not mapped can't be made accessible: the kernel says that it has
	// no memory.
	rest := unsafe.Slice(unsafe.SliceData(inst.Memory()), 100*engine.PageSize)[2*engine.PageSize:]
	_, _, errno := unix.Syscall(unix.SYS_MUNMAP, uintptr(unsafe.Pointer(&rest[0])), uintptr(len(rest)), 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	for _, pages := range []uint64{1, 1 << 20} {
		inst.SetFuel(1 << 40)
		if _, err := inst.Call(bg, "grow", pages); !errors.Is(err, engine.ErrStarved) {
			t.Errorf("by %d without memory: %v", pages, err)
		}
	}
	inst.Reset(nil)
	grow(1<<20, refused)
}
