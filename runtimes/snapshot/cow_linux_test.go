package snapshot

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRestoreFewAndManyPages writes to so few pages that they are copied back,
// to so many, or in so many places, that they are dropped.
func TestRestoreFewAndManyPages(t *testing.T) {
	const system = 4096
	size := 4 * maxOwnPages * system
	r, err := newRoom(size)
	if err != nil {
		t.Fatal(err)
	}
	im := &Image{room: r, size: size}
	defer im.Close()
	for i := range r.bytes {
		r.bytes[i] = byte(i / 37)
	}
	want := bytes.Clone(r.bytes)
	mem := mapped(t, size)
	m, err := newMemory(im, func() []byte { return mem })
	if err != nil {
		t.Fatal(err)
	}
	for name, every := range map[string]int{
		"none": size, "one": size - 1, "a few": size / 10, "many places": 4 * system, "all": system,
	} {
		for range 2 {
			for at := 0; at < size; at += every {
				mem[at]++
			}
			if err := m.restore(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !bytes.Equal(mem, want) {
				t.Errorf("%s: memory differs from the image", name)
			}
		}
	}
	if !bytes.Equal(r.bytes, want) {
		t.Error("the image was written to")
	}
}

// mapped is memory as an engine has it.
func mapped(t *testing.T, size int) []byte {
	t.Helper()
	mem, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(mem) })
	return mem
}

func TestOwnPages(t *testing.T) {
	r, err := newRoom(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	im := &Image{room: r, size: 1 << 20}
	defer im.Close()
	mem := mapped(t, 1<<20)
	if _, err := newMemory(im, func() []byte { return mem }); err != nil {
		t.Fatal(err)
	}
	_ = mem[3*4096] // reading makes a page nobody's own
	mem[5*4096], mem[6*4096], mem[200*4096] = 1, 1, 1
	own, err := ownPages(mem, make([]region, 0, 10))
	if err != nil {
		if errors.Is(err, errManyPages) {
			t.Error(err)
		}
		t.Skipf("this kernel doesn't tell: %v", err)
	}
	pages := uint64(0)
	for _, r := range own {
		pages += (r.end - r.start) / 4096
	}
	if pages != 3 || len(own) != 2 {
		t.Errorf("%d own pages in %d regions, want 3 in 2", pages, len(own))
	}
}
