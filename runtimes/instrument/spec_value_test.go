package instrument

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// specValue is a value of a script, or a pattern of one.
type specValue struct {
	Type     string          `json:"type"`
	LaneType string          `json:"lane_type"`
	Value    json.RawMessage `json:"value"`
}

func (v specValue) String() string { return fmt.Sprintf("%s %s %s", v.Type, v.LaneType, v.Value) }

// bits are the value's words, and for each a mask of what counts.
func (v specValue) bits(t *testing.T) (words, masks []uint64) {
	t.Helper()
	if v.Type != "v128" {
		var text string
		if v.Value != nil {
			if err := json.Unmarshal(v.Value, &text); err != nil {
				t.Fatal(err)
			}
		}
		w, m := scalarBits(t, v.Type, text)
		return []uint64{w}, []uint64{m}
	}
	var lanes []string
	if err := json.Unmarshal(v.Value, &lanes); err != nil {
		t.Fatal(err)
	}
	width := 128 / len(lanes)
	words, masks = make([]uint64, 2), make([]uint64, 2)
	for i, lane := range lanes {
		w, m := scalarBits(t, v.LaneType, lane)
		keep := uint64(1)<<width - 1
		words[i*width/64] |= w & keep << (i * width % 64)
		masks[i*width/64] |= m & keep << (i * width % 64)
	}
	return words, masks
}

func scalarBits(t *testing.T, typ, text string) (word, mask uint64) {
	t.Helper()
	all := ^uint64(0)
	switch {
	case strings.HasPrefix(text, "nan:") && typ == "f32":
		return nan32, 0x7fffffff // canonical, whatever NaN is allowed, but for its sign
	case strings.HasPrefix(text, "nan:"):
		return nan64, all >> 1
	case text == "null":
		return 0, all
	case (typ == "funcref" || typ == "refnull") && text == "":
		return 0, 0
	}
	if slices.Contains([]string{"i32", "f32", "i8", "i16"}, typ) {
		mask = 0xffffffff
	} else {
		mask = all
	}
	var n uint64
	if _, err := fmt.Sscan(text, &n); err != nil {
		var s int64
		if _, err := fmt.Sscan(text, &s); err != nil {
			t.Fatalf("value %q of type %s", text, typ)
		}
		n = uint64(s)
	}
	if typ == "externref" {
		n++ // 0 is null to wazero
	}
	return n & mask, mask
}
