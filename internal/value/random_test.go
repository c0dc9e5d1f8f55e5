package value

import (
	"math"
	"math/rand/v2"
)

// random makes values from few atoms, so that many of them are equal.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 0))} }

var randomAtoms = []Value{
	None{}, Bool(false), Bool(true), Small(0), Small(1), Small(2), Small(-1),
	Small(1 << 53), Small(1<<53 + 1), Small(math.MaxInt64), Small(math.MinInt64),
	NewInt(mustBig("0x8000000000000000")), NewInt(mustBig("-100000000000000000000000000")),
	Float(0), Float(math.Copysign(0, -1)), Float(1), Float(2.5), Float(0.1), Float(1e16), Float(1e-5), Float(1e22),
	Float(1 << 53), Float(1 << 63), Float(5e-324), Float(math.MaxFloat64), Float(math.Inf(1)), Float(math.Inf(-1)),
	Complex(0), Complex(1), Complex(complex(2.5, 0)), Complex(complex(0, 1)), Complex(complex(1, -2)),
	Complex(complex(math.Copysign(0, -1), 1)), Complex(complex(1, math.Copysign(0, -1))), Complex(complex(math.Inf(1), 1e16)),
	Str(""), Str("a"), Str("it's"), Str(`"`), Str("'\""), Str("\\\n\t\r\x00\x7f"), Str("é"), Str("\u00ad\u200b\u2028"),
	Str("😀"), Str("\U000e0001"), Str("\xed\xa0\xbd\xed\xb8\x80"), Str("\xed\xbf\xbf"),
	Bytes(""), Bytes("a"), Bytes("'\x00\xff\\"),
}

// atom is now and then a NaN.
func (r random) atom() Value {
	if r.IntN(80) == 0 {
		return Float(math.NaN())
	}
	return randomAtoms[r.IntN(len(randomAtoms))]
}

func (r random) items(depth, n int, make func(depth int) Value) []Value {
	items := []Value{}
	for range r.IntN(n + 1) {
		items = append(items, make(depth-1))
	}
	return items
}

func (r random) set(depth int) Set {
	set, err := NewSet(r.items(depth, 4, r.hashable))
	if err != nil {
		panic(err)
	}
	return set
}

func (r random) dict(depth int) Dict {
	dict := Dict{}
	for _, key := range r.set(depth) {
		dict = append(dict, Pair{key, r.value(depth - 1)})
	}
	return dict
}

func (r random) hashable(depth int) Value {
	switch kind := r.IntN(8); {
	case depth <= 0 || kind < 5:
		return r.atom()
	case kind == 5:
		return frozenSet(r.set(depth))
	case kind == 6:
		return Typed{"range", r.rangeBase()}
	}
	return Tuple(r.items(depth, 3, r.hashable))
}

func (r random) rangeBase() Tuple {
	step := Small(r.IntN(3) + 1)
	if r.IntN(2) == 0 {
		step = -step
	}
	return Tuple{Small(r.IntN(4)), Small(r.IntN(4)), step}
}

func (r random) value(depth int) Value {
	if depth <= 0 {
		return r.atom()
	}
	switch r.IntN(10) {
	case 0, 1:
		return List(r.items(depth, 3, r.value))
	case 2, 3:
		return Tuple(r.items(depth, 3, r.value))
	case 4:
		return r.set(depth)
	case 5, 6:
		return r.dict(depth)
	case 7:
		return r.typed(depth)
	}
	return r.hashable(depth)
}

func (r random) typed(depth int) Value {
	switch r.IntN(8) {
	case 0:
		return Typed{"bytearray", []Value{Bytes(""), Bytes("a")}[r.IntN(2)]}
	case 1:
		return Typed{"collections.deque", List(r.items(depth, 3, r.value))}
	case 2:
		return Typed{"namedtuple", Tuple{r.value(depth - 1), r.value(depth - 1)}}
	case 3:
		return Typed{"dict_keys", List(r.set(depth))}
	case 4:
		items := List{}
		for _, p := range r.dict(depth) {
			items = append(items, Tuple{p.Key, p.Val})
		}
		return Typed{dictItems, items}
	}
	return Typed{r.dictType(), r.counts(depth)}
}

func (r random) dictType() string {
	return []string{counter, orderedDict, "collections.defaultdict"}[r.IntN(3)]
}

// counts is what a Counter may be made of.
func (r random) counts(depth int) Dict {
	dict := r.dict(depth)
	for i := range dict {
		dict[i].Val = Small(r.IntN(3))
	}
	return dict
}

// twin gives a value that is mostly equal to v, but not the same.
func (r random) twin(v Value) Value {
	switch v := v.(type) {
	case Bool:
		return Small(bit(v))
	case Small:
		return Float(v)
	case Float:
		return Complex(complex(v, 0))
	case Bytes:
		return Typed{"bytearray", v}
	case List:
		return List(r.twins(v))
	case Tuple:
		return Tuple(r.twins(v))
	case Set:
		return frozenSet(r.shuffled(v))
	case frozenSet:
		return Set(r.shuffled(v))
	case Dict:
		dict := Dict{}
		for _, i := range r.Perm(len(v)) {
			dict = append(dict, Pair{v[i].Key, r.twin(v[i].Val)})
		}
		return dict
	case Typed:
		return r.typedTwin(v)
	}
	return v
}

func (r random) typedTwin(v Typed) Value {
	switch base := v.Base.(type) {
	case Dict:
		return Typed{r.dictType(), base}
	case Tuple:
		if v.Type != "range" {
			return base
		}
	case List:
		if v.Type == "dict_keys" {
			return Set(r.shuffled(base))
		}
		return Typed{v.Type, List(r.shuffled(base))}
	}
	return v
}

func (r random) twins(items []Value) []Value {
	out := make([]Value, len(items))
	for i, item := range items {
		out[i] = r.twin(item)
	}
	return out
}

func (r random) shuffled(items []Value) []Value {
	out := make([]Value, len(items))
	for i, j := range r.Perm(len(items)) {
		out[i] = items[j]
	}
	return out
}
