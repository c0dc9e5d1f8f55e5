package value

import "errors"

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
	seen := make(map[any]struct{}, len(items)/step)
	for i := 0; i < len(items); i += step {
		key, err := k.of(items[i])
		if errors.Is(err, ErrUnhashable) {
			return "unhashable item in a set or as a key"
		}
		if err != nil {
			continue // equal to nothing else
		}
		if _, dup := seen[key]; dup {
			return "equal items in a set or as keys"
		}
		seen[key] = struct{}{}
	}
	return ""
}
