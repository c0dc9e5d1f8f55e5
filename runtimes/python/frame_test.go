package python

import (
	"bytes"
	"testing"

	"github.com/assay-dev/assay/internal/value"
)

func marshal(t *testing.T, v value.Value) []byte {
	t.Helper()
	raw, err := value.AppendMarshal(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestParseFrame(t *testing.T) {
	tok := value.Bytes("12345678")
	for _, c := range []struct {
		name string
		raw  []byte
		ok   bool
		word string
		body []byte
	}{
		{"result", marshal(t, value.Tuple{tok, value.Small(7)}), true, "", marshal(t, value.Small(7))},
		{"word", marshal(t, value.Tuple{tok, value.Str("loaded"), value.None{}}), true, "loaded", []byte("N")},
		{"empty", nil, false, "", nil},
		{"short token", marshal(t, value.Tuple{value.Bytes("1234"), value.Small(7)}), false, "", nil},
		{"text for a token", marshal(t, value.Tuple{value.Str("12345678"), value.Small(7)}), false, "", nil},
		{"a list", marshal(t, value.List{tok, value.Small(7)}), false, "", nil},
		{"four", marshal(t, value.Tuple{tok, value.Str("x"), value.None{}, value.None{}}), false, "", nil},
		{"no word", marshal(t, value.Tuple{tok, value.Small(1), value.None{}}), false, "", nil},
		{"empty word", marshal(t, value.Tuple{tok, value.Str(""), value.None{}}), false, "", nil},
		{"a word of 4 GiB", append(append(append([]byte{}, tripleHead...), "12345678u"...), 255, 255, 255, 255), false, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, ok := parseFrame(c.raw)
			if ok != c.ok || f.word != c.word || !bytes.Equal(f.body, c.body) {
				t.Errorf("parseFrame(%q) = %q %q %q, %v", c.raw, f.token, f.word, f.body, ok)
			}
		})
	}
}

func TestAnswersAreMarshal(t *testing.T) {
	tok := token([]byte("12345678"))
	args := marshal(t, value.Tuple{value.Small(1)})
	r := answer(tok, args)
	want := marshal(t, value.Tuple{value.Bytes(tok[:]), value.Tuple{value.Small(1)}})
	if got := append(bytes.Clone(r.head), r.body...); !bytes.Equal(got, want) || r.size() != len(want) {
		t.Errorf("answer = %q, want %q", got, want)
	}
	r = again(tok)
	want = marshal(t, value.Tuple{value.Bytes(tok[:]), value.None{}})
	if got := append(bytes.Clone(r.head), r.body...); !bytes.Equal(got, want) {
		t.Errorf("again = %q, want %q", got, want)
	}
}

func TestTokens(t *testing.T) {
	a, b, other := newTokens("x = 1"), newTokens("x = 1"), newTokens("x = 2")
	seen := map[token]bool{}
	for range 1000 {
		x := a.make()
		if x != b.make() {
			t.Fatal("the same program got other tokens")
		}
		if y := other.make(); seen[x] || seen[y] || x == y {
			t.Fatal("a token came twice")
		}
		seen[x] = true
	}
}

func TestAmbiguous(t *testing.T) {
	for _, c := range []struct {
		name string
		raw  []byte
		want bool
	}{
		{"an int", marshal(t, value.Small(115)), false},
		{"text with an s", marshal(t, value.Str("sss")), false},
		{"nested text", marshal(t, value.List{value.Tuple{value.Str("s")}, value.Dict{{Key: value.Str("s"), Val: value.Float(1.5)}}, value.Complex(1)}), false},
		{"bytes", marshal(t, value.Bytes("abc")), true},
		{"nested bytes", marshal(t, value.List{value.Str("s"), value.Set{value.Bytes("")}}), true},
		{"code", []byte("c\x00\x00s"), true},
		{"cut off", []byte("u\x09\x00\x00\x00s"), true},
		{"a size over all", []byte("u\xff\xff\xff\xffs"), true},
		{"a large int", marshal(t, value.Tuple{value.Small(1 << 60), value.Str("s")}), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ambiguous(c.raw); got != c.want {
				t.Errorf("ambiguous(%q) = %v", c.raw, got)
			}
		})
	}
}

func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		"(\x02\x00\x00\x00s\x08\x00\x00\x0012345678i\x01\x00\x00\x00",
		"(\x03\x00\x00\x00s\x08\x00\x00\x0012345678u\x06\x00\x00\x00loadedN",
		"(\x03\x00\x00\x00s\x08\x00\x00\x0012345678u\x06\x00\x00\x00raised(\x05\x00\x00\x00",
		"l\x80\x00\x00\x00s",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		ambiguous(raw)
		fr, ok := parseFrame(raw)
		if !ok {
			return
		}
		if len(fr.word) > maxWord || len(fr.body) >= len(raw) {
			t.Errorf("frame %+v of %q", fr, raw)
		}
		failure(fr, nil, false)
	})
}
