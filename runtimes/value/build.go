package value

import (
	"errors"
	"slices"
)

// build makes a container of its items, or says why there is no such value.
// The items of a dict are key, item, key, item, ….
func (k *keyer) build(kind byte, items []Value) (v Value, reason string) {
	switch kind {
	case typeTuple:
		return Tuple(items), ""
	case typeList:
		return List(items), ""
	case typeSet:
		return Set(items), k.distinct(items, 1)
	case typeFrozenSet:
		return FrozenSet(items), k.distinct(items, 1)
	}
	dict := make(Dict, len(items)/2)
	for i := range dict {
		dict[i] = Pair{items[2*i], items[2*i+1]}
	}
	return dict, k.distinct(items, 2)
}

// distinct says what is wrong, if anything, with every step-th item as the
// items of a set: Python has none that are unhashable or equal to another.
func (k *keyer) distinct(items []Value, step int) string {
	var seen keySet
	for i := 0; i < len(items); i += step {
		key, err := k.of(items[i])
		if errors.Is(err, ErrUnhashable) {
			return "unhashable item in a set or as a key"
		}
		if err != nil {
			continue // equal to nothing else
		}
		if !seen.add(key, len(items)/step) {
			return "equal items in a set or as keys"
		}
	}
	return ""
}

// keySet is a set of keys. The first few are in no map: most dicts are small.
type keySet struct {
	few  [8]any
	n    int
	many map[any]struct{}
}

// add reports whether key is new; total is the number of keys to expect.
func (s *keySet) add(key any, total int) bool {
	if total > len(s.few) {
		if s.many == nil {
			s.many = make(map[any]struct{}, total)
		}
		s.many[key] = struct{}{}
		s.n++
		return len(s.many) == s.n
	}
	if slices.Contains(s.few[:s.n], key) {
		return false
	}
	s.few[s.n] = key
	s.n++
	return true
}
