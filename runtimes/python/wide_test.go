package python

import (
	"bytes"
	"strings"
	"testing"
)

// TestPatches: a patch that doesn't fit what it is applied to is refused.
func TestPatches(t *testing.T) {
	p := patch{"f", "4107", "41090b", 2}
	code, err := p.apply([]byte{0x41, 7, 0x41, 7, 0x0b})
	if want := []byte{0x41, 9, 0x0b, 0x41, 9, 0x0b, 0x0b}; err != nil || !bytes.Equal(code, want) {
		t.Errorf("%x, %v", code, err)
	}
	if _, err := p.apply(code); err == nil || !strings.Contains(err.Error(), "0 times, want 2") {
		t.Errorf("applied twice: %v", err)
	}
	if _, err := (patch{"f", "4107", "410", 1}).apply(code); err == nil {
		t.Error("half a byte is written")
	}
	for _, bin := range [][]byte{nil, []byte("\x00asm\x01\x00\x00\x00"), {0, 'a', 's', 'm', 1, 0, 0, 0, 10, 0xff}} {
		if _, err := widen(bin); err == nil {
			t.Errorf("%x: no error", bin)
		}
	}
}
