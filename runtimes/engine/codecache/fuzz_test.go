package codecache

import "testing"

// FuzzParseLabel: a label of anything is read or refused.
func FuzzParseLabel(f *testing.F) {
	f.Add([]byte("\x10\x00\x00\x00" + `{"File":"x.bin"}` + "stub"))
	f.Add([]byte("\xff\xff\xff\xff{}"))
	f.Add([]byte("\x02\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := parseLabel(data)
		if err == nil && len(l.Stub) > len(data)-4 {
			t.Errorf("a stub of %d bytes from %d", len(l.Stub), len(data))
		}
	})
}
