package python

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"assay/runtimes/instrument"
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
