// Package value holds Python values outside of Python: the closed encoding in
// which a guest's results travel, and the comparisons made on them.
//
// Its invariant: nothing here runs code of a guest. Bytes are decoded within
// bounds (see Bounds) or refused with the offset that is wrong, and equality,
// truth and repr are computed here, from exact types.
//
// It imports internal/excerpt.
//
// # The plain form
//
// A value is written as Python's marshal.dumps(x, 2) writes it: a byte for the
// type, then its contents, integers little-endian. No references, no code.
//
//	N T F                       None, True, False
//	i  int32                    int of 32 bits
//	l  int32 n, |n| × uint16    other ints, 15 bits a digit; n has the sign
//	g  float64                  float, its bits
//	y  float64, float64         complex
//	u  uint32 n, n bytes        str, UTF-8, lone surrogates as three bytes each
//	s  uint32 n, n bytes        bytes
//	( [ < >  uint32 n, n items  tuple, list, set, frozenset
//	{  key, item, … 0           dict
//
// Python writes as "s" whatever has a buffer: bytes, bytearray, memoryview and
// the arrays and scalars of numpy. So Decode refuses "s" with ErrAmbiguous, and
// the value has to come again in the tagged form.
//
// A value has one plain form, but for the order in sets and dicts: where two
// forms are the same bytes the values are equal (NaN aside) and need no decoding.
//
// # The tagged form
//
// The tagged form is a plain form too (of None, bool, int, float, complex, str,
// bytes, list and tuple alone), in which "s" is exactly bytes. With E(x) for the
// encoding of x:
//
//	None, bool, int, float, complex, str, bytes   itself
//	list          [E(item), …]
//	tuple         ("tuple", [E(item), …])
//	set           ("set", [E(item), …])
//	frozenset     ("frozenset", [E(item), …])
//	dict          ("dict", [E(key), E(item), E(key), E(item), …])
//	see below     ("typed", type, E(base))
//	any other     ("opaque", type name, truth as bool)
//
// An exact list of atoms is thus its own encoding. What x is, the encoder tells
// by type(x) is …, never by isinstance and never by a name that x chose; the one
// exception is "namedtuple", any direct subclass of tuple that
// collections.namedtuple made.
//
//	type                      base
//	collections.Counter       dict
//	collections.defaultdict   dict
//	collections.OrderedDict   dict
//	collections.deque         list
//	namedtuple                tuple
//	range                     tuple (start, stop, step)
//	dict_keys                 list
//	dict_values               list
//	dict_items                list of tuples (key, item)
//	bytearray                 bytes
//	iterator                  list: what is left of an iterator or generator,
//	                          only where a rule asks for its items
//	numpy.bool                bool
//	numpy.int8 … int64, numpy.uint8 … uint64, longlong, ulonglong   int
//	numpy.float16, float32, float64, longdouble                     float
//	numpy.complex64, complex128, clongdouble                        complex
//	numpy.str_                str
//	numpy.bytes_              bytes
//	numpy.ndarray:DTYPE       x.tolist(): nested lists of atoms, or an atom; opaque where it is neither;
//	                          DTYPE is str(x.dtype)
//
// Any other type name is refused in "typed" and free in "opaque".
package value
