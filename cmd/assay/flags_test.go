package main

import "testing"

func TestByteCount(t *testing.T) {
	for in, want := range map[string]uint64{"512MiB": 512 << 20, "2g": 2 << 30, "1.5GiB": 3 << 29, "100": 100, "64 KB": 64000, "7B": 7} {
		var b byteCount
		if err := b.Set(in); err != nil || uint64(b) != want {
			t.Errorf("%q gives %d (%v), want %d", in, b, err, want)
		}
	}
	for _, in := range []string{"", "big", "-1", "0", "NaN", "1e30", "MiB", "inf"} {
		var b byteCount
		if err := b.Set(in); err == nil {
			t.Errorf("%q is taken as %d bytes", in, b)
		}
	}
}

func TestFuelCount(t *testing.T) {
	var f fuelCount
	if err := f.Set("20e9"); err != nil || f != 20e9 {
		t.Errorf("20e9 gives %d (%v)", f, err)
	}
	if err := f.Set("much"); err == nil {
		t.Error("an amount of fuel that is no number")
	}
}
