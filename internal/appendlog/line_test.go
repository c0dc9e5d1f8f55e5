package appendlog

import (
	"bytes"
	"testing"
)

func FuzzUnseal(f *testing.F) {
	f.Add([]byte(`{"a":1}`))
	f.Add(Seal([]byte(`{"a":1}`)))
	f.Add([]byte(`{"sum":"zzzzzzzzzzzzzzzz","data":{}}` + "\n"))
	f.Add([]byte(`{"sum":"C5e3762ffC8453C6000000000{"a":1}}` + "\n")) // the sum is right, what stands around it is not
	f.Fuzz(func(t *testing.T, data []byte) {
		if record, ok := Unseal(data); ok && !bytes.Equal(Seal(record), data) {
			t.Errorf("%q was taken for a line that it isn't", data)
		}
		if record, ok := Unseal(Seal(data)); !ok || !bytes.Equal(record, data) {
			t.Errorf("%q does not come back", data)
		}
	})
}
