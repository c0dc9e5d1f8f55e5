package wazero

import (
	"errors"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"assay/runtimes/engine"
	"assay/runtimes/engine/enginetest"
)

// TestStarved: a growth that the guest's limit allows and the host can't give is
// a fault of ours, though the guest lives on; the next call is another matter.
func TestStarved(t *testing.T) {
	e, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	code, err := e.Compile(bg, enginetest.Module(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer code.Close()
	inst, err := code.New(bg, enginetest.Functions(nil, nil), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close(bg)
	grow := func(pages uint64) ([]uint64, error) {
		inst.SetFuel(1000)
		return inst.Call(bg, "grow", pages)
	}
	if got, err := grow(1); err != nil || got[0] != 1 {
		t.Fatalf("with memory to be had: %v, %v", got, err)
	}
	if got, err := grow(1 << 20); err != nil || uint32(got[0]) != 1<<32-1 {
		t.Fatalf("beyond the module's own maximum: %v, %v", got, err)
	}
	// What is not mapped can't be made accessible: the kernel says that it has
	// no memory.
	reserved := inst.(*engine.Guest)
	rest := unsafe.Slice(unsafe.SliceData(reserved.Memory()), 100*engine.PageSize)[2*engine.PageSize:]
	_, _, errno := unix.Syscall(unix.SYS_MUNMAP, uintptr(unsafe.Pointer(&rest[0])), uintptr(len(rest)), 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	if _, err := grow(1); !errors.Is(err, engine.ErrStarved) {
		t.Errorf("without: %v", err)
	}
	if _, err := inst.Call(bg, "add", 1, 2); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
