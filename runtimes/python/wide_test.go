package python

import (
	"bytes"
	"strings"
	"testing"
)

// TestPatches: a patch that doesn't fit what it is applied to is refused, and none
// of the table replaces code by code of another length.
func TestPatches(t *testing.T) {
	p := patch{"f", "4107", "4109", 2}
	code := []byte{0x41, 7, 0x41, 7, 0x0b}
	if err := p.apply(code); err != nil || !bytes.Equal(code, []byte{0x41, 9, 0x41, 9, 0x0b}) {
		t.Errorf("%x, %v", code, err)
	}
	if err := p.apply(code); err == nil || !strings.Contains(err.Error(), "0 times, want 2") {
		t.Errorf("applied twice: %v", err)
	}
	if err := (patch{"f", "41", "4109", 1}).apply(code); err == nil {
		t.Error("a patch of another length is applied")
	}
	for _, p := range append(patches, reduced) {
		if len(p.old) != len(p.new) || p.old == p.new || p.times < 1 {
			t.Errorf("%+v", p)
		}
	}
	for _, bin := range [][]byte{nil, []byte("\x00asm\x01\x00\x00\x00"), {0, 'a', 's', 'm', 1, 0, 0, 0, 10, 0xff}} {
		if _, err := widen(bin); err == nil {
			t.Errorf("%x: no error", bin)
		}
	}
}
