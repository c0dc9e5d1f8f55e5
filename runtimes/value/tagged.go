package value

import (
	"fmt"
	"strings"
)

// Tags of the tagged form; the package's documentation says what follows each.
const (
	tagTuple     = "tuple"
	tagSet       = "set"
	tagFrozenSet = "frozenset"
	tagDict      = "dict"
	tagTyped     = "typed"
	tagOpaque    = "opaque"
)

// DecodeTagged reads a value of the tagged form. Nothing of it refers to raw.
// The tags count as items, but not as depth.
func DecodeTagged(raw []byte, b Bounds) (Value, error) {
	b = b.withDefaults()
	b.Depth = 2 * b.Depth
	d, err := newDecoder(raw, b)
	if err != nil {
		return nil, err
	}
	d.tagged = true
	tree, err := d.run()
	if err != nil {
		return nil, err
	}
	v, reason := d.keys.untag(tree)
	if reason != "" {
		return nil, fmt.Errorf("tagged form: %s: %w", reason, ErrMalformed)
	}
	return v, nil
}

// untag gives the value that a tree stands for, or says why there is none. Its
// recursion is bounded by the depth that the tree was decoded with.
func (k *keyer) untag(tree Value) (v Value, reason string) {
	switch tree := tree.(type) {
	case List:
		return tree, k.untagAll(tree)
	case Tuple:
		return k.untagTuple(tree)
	}
	return tree, ""
}

// untagAll untags items in place.
func (k *keyer) untagAll(items []Value) (reason string) {
	for i, item := range items {
		if items[i], reason = k.untag(item); reason != "" {
			return reason
		}
	}
	return ""
}

func (k *keyer) untagTuple(tree Tuple) (v Value, reason string) {
	if len(tree) == 0 {
		return nil, "no tag"
	}
	tag, ok := tree[0].(Str)
	if !ok {
		return nil, "no tag"
	}
	switch {
	case tag == tagTyped && len(tree) == 3:
		return k.untagTyped(tree[1], tree[2])
	case tag == tagOpaque && len(tree) == 3:
		name, ok1 := tree[1].(Str)
		truth, ok2 := tree[2].(Bool)
		if !ok1 || !ok2 {
			return nil, "opaque without name and truth"
		}
		return Opaque{string(name), bool(truth)}, ""
	case len(tree) == 2:
		return k.untagItems(string(tag), tree[1])
	}
	return nil, fmt.Sprintf("tag %s of %d", Repr(tag, 40), len(tree))
}

var tagKinds = map[string]byte{
	tagTuple:     typeTuple,
	tagSet:       typeSet,
	tagFrozenSet: typeFrozenSet,
	tagDict:      typeDict,
}

func (k *keyer) untagItems(tag string, tree Value) (v Value, reason string) {
	kind, known := tagKinds[tag]
	items, ok := tree.(List)
	switch {
	case !known:
		return nil, "unknown tag " + Repr(Str(tag), 40)
	case !ok, kind == typeDict && len(items)%2 != 0:
		return nil, tag + " without its items"
	}
	if reason := k.untagAll(items); reason != "" {
		return nil, reason
	}
	return k.build(kind, items)
}

func (k *keyer) untagTyped(nameTree, baseTree Value) (v Value, reason string) {
	name, ok := nameTree.(Str)
	if !ok {
		return nil, "typed without a name"
	}
	kind, ok := kindOf(string(name))
	if !ok {
		return nil, "unknown type " + Repr(name, 80)
	}
	base, reason := k.untag(baseTree)
	if reason != "" {
		return nil, reason
	}
	if !kind.base(base) {
		if strings.HasPrefix(string(name), arrayPrefix) { // records, objects: honest, and no answer
			return Opaque{strings.TrimSuffix(arrayPrefix, ":"), true}, ""
		}
		return nil, string(name) + " with a base of the wrong type"
	}
	if name == dictItems {
		reason = k.distinct(firsts(base.(List)), 1)
	} else if kind.class == classSet {
		reason = k.distinct(base.(List), 1)
	}
	return Typed{string(name), base}, reason
}

// firsts gives the keys of the items of dict_items.
func firsts(items List) []Value {
	keys := make([]Value, len(items))
	for i, item := range items {
		keys[i] = item.(Tuple)[0]
	}
	return keys
}

// AppendTagged appends v in the tagged form.
func AppendTagged(dst []byte, v Value) []byte {
	switch v := v.(type) {
	case List:
		return appendTaggedItems(dst, v)
	case Tuple:
		return appendTaggedItems(appendTag(dst, 2, tagTuple), v)
	case Set:
		return appendTaggedItems(appendTag(dst, 2, tagSet), v)
	case FrozenSet:
		return appendTaggedItems(appendTag(dst, 2, tagFrozenSet), v)
	case Dict:
		dst = appendSize(appendTag(dst, 2, tagDict), typeList, 2*len(v))
		for _, p := range v {
			dst = AppendTagged(AppendTagged(dst, p.Key), p.Val)
		}
		return dst
	case Typed:
		dst = appendAtom(appendTag(dst, 3, tagTyped), Str(v.Type))
		return AppendTagged(dst, v.Base)
	case Opaque:
		dst = appendAtom(appendTag(dst, 3, tagOpaque), Str(v.Type))
		return appendAtom(dst, Bool(v.True))
	}
	return appendAtom(dst, v)
}

func appendTag(dst []byte, n int, tag string) []byte {
	return appendAtom(appendSize(dst, typeTuple, n), Str(tag))
}

func appendTaggedItems(dst []byte, items []Value) []byte {
	dst = appendSize(dst, typeList, len(items))
	for _, item := range items {
		dst = AppendTagged(dst, item)
	}
	return dst
}
