package benchmarks

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"os/exec"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/testkit"
)

// zipped is base64 of zlib of some bytes.
func zipped(t testing.TB, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// pickledText is how Python 3.8 and later pickles a str.
func pickledText(s string) []byte {
	b := append([]byte{opProto, 4, opBinUnicode}, binary.LittleEndian.AppendUint32(nil, uint32(len(s)))...)
	return append(append(b, s...), opMemoize, opStop)
}

// TestUnpackReadsWhatPythonWrites reads str and dict in each protocol that has
// opcodes in binary.
func TestUnpackReadsWhatPythonWrites(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		testkit.Missing(t, "no Python to pickle with: %v", err)
	}
	const script = `
import base64, pickle, zlib
for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
    for value in ("[]", "é" * 300, "x" * 70000, {"a": "b"}, {"a": "b", "c": "d" * 300}, {}):
        print(base64.b64encode(zlib.compress(pickle.dumps(value, protocol))).decode())
`
	out, err := exec.Command(python, "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := []pickled{
		{text: "[]"}, {text: strings.Repeat("é", 300)}, {text: strings.Repeat("x", 70000)},
		{dict: map[string]string{"a": "b"}}, {dict: map[string]string{"a": "b", "c": strings.Repeat("d", 300)}}, {dict: map[string]string{}},
	}
	n := 0
	for line := range strings.FieldsSeq(string(out)) {
		got, err := unpack(line)
		w := want[n%len(want)]
		n++
		if err != nil || got.text != w.text || len(got.dict) != len(w.dict) || (got.dict == nil) != (w.dict == nil) {
			t.Errorf("number %d: %.60v, %v", n, got, err)
		}
		for k, v := range w.dict {
			if got.dict[k] != v {
				t.Errorf("number %d: %q is %.20q", n, k, got.dict[k])
			}
		}
	}
	if n < 4*len(want) {
		t.Errorf("%d pickles", n)
	}
}

func TestUnpackRefuses(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"no base64", "%%%", "neither JSON nor base64"},
		{"no zlib", base64.StdEncoding.EncodeToString([]byte("plain")), "not of zlib's data"},
		{"cut", zipped(t, pickledText("[]"))[:20], "zlib"},
		{"empty", zipped(t, nil), "ends early"},
		{"a length that lies", zipped(t, []byte{opProto, 4, opBinUnicode8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), "ends early"},
		{"a global", zipped(t, []byte("\x80\x02cos\nsystem\n.")), "opcode 0x63"},
		{"a call", zipped(t, []byte("\x80\x04\x8c\x02os\x8c\x06system\x93.")), "opcode 0x93"},
		{"a list", zipped(t, []byte("\x80\x04].")), "opcode 0x5d"},
		{"a number", zipped(t, []byte("\x80\x04K\x01.")), "opcode 0x4b"},
		{"two texts", zipped(t, []byte("\x80\x04\x8c\x01a\x8c\x01b.")), "neither a str nor a dict"},
		{"nothing", zipped(t, []byte("\x80\x04.")), "neither a str nor a dict"},
		{"more", zipped(t, append(pickledText("[]"), 0)), "after the end"},
		{"a dict in a dict", zipped(t, []byte("\x80\x04}}.")), "a dict in a dict"},
		{"an item of nothing", zipped(t, []byte("\x80\x04\x8c\x01a\x8c\x01bs.")), "items of no dict"},
		{"half an item", zipped(t, []byte("\x80\x04}\x8c\x01as.")), "no pair"},
		{"a pile", zipped(t, append([]byte("\x80\x04}("), bytes.Repeat([]byte("\x8c\x01a"), 100)...)), "more than 64 texts"},
	} {
		if _, err := unpack(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.what, err, c.want)
		}
	}
}

// FuzzUnpickle: whatever the bytes, what comes out is no longer than they are.
func FuzzUnpickle(f *testing.F) {
	f.Add(pickledText("[]"))
	f.Add([]byte("\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94\x8c\x01b\x94u."))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := unpickle(raw)
		if err != nil {
			return
		}
		size := len(p.text)
		for k, v := range p.dict {
			size += len(k) + len(v)
		}
		if size > len(raw) {
			t.Errorf("%d bytes out of %d", size, len(raw))
		}
	})
}
