package value

import "testing"

// ints is a list as solutions of list problems give it.
func ints(n int) List {
	list := make(List, n)
	for i := range list {
		list[i] = Small(i * 7919 % 1_000_003)
	}
	return list
}

// rows is a list of dicts with lists in them.
func rows(n int) List {
	list := make(List, n)
	for i := range list {
		list[i] = Dict{{Str("id"), Small(i)}, {Str("name"), Str("a row")}, {Str("at"), Tuple{Float(i), Float(0.5)}}}
	}
	return list
}

var benchValues = []struct {
	name string
	v    Value
}{
	{"ints", ints(100_000)},
	{"rows", rows(20_000)},
	{"set", Set(ints(100_000))},
	{"small", List{Small(1), Str("a"), Float(0.5)}},
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range benchValues {
		raw, err := AppendMarshal(nil, c.v)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(raw, Bounds{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDigest(b *testing.B) {
	for _, c := range benchValues {
		raw, err := AppendMarshal(nil, c.v)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Digest(nil, c.v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
