package python

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/runtimes/instrument"
)

func TestStoredModule(t *testing.T) {
	m := &instrument.Module{
		Code:     []byte("\x00asm code"),
		Segments: []instrument.Segment{{Offset: 8, Data: []byte("data")}, {Offset: 99, Data: []byte{}}},
		Memory:   "memory", Globals: []string{"assay.g0"}, Start: "s", Hash: [32]byte{1, 2, 3},
	}
	parts, err := storeModule(m)
	if err != nil {
		t.Fatal(err)
	}
	raw := join(parts)
	got, err := loadModule(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Errorf("a module changed on its way (-stored +loaded):\n%s", diff)
	}
	for n := range raw {
		if _, err := loadModule(raw[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were taken for a module", n, len(raw))
		}
	}
	if _, err := loadModule(append(raw, 0)); err == nil {
		t.Error("a byte too many was overlooked")
	}
}

// FuzzLoadModule: what is taken for a stored module comes out as it went in.
func FuzzLoadModule(f *testing.F) {
	m := &instrument.Module{Code: []byte("\x00asm"), Segments: []instrument.Segment{{Offset: 8, Data: []byte("data")}}, Globals: []string{"g"}}
	parts, err := storeModule(m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(join(parts))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"))
	f.Add([]byte("\x17\x00\x00\x00\x00\x00\x00\x00" + `{"code":-1,"segments":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := loadModule(raw)
		if err != nil {
			return
		}
		parts, err := storeModule(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := loadModule(join(parts))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, again); diff != "" {
			t.Errorf("(-first +again):\n%s", diff)
		}
	})
}
