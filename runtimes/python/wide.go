package python

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// The guest has 32 bits, and every program that a benchmark has was written on
// 64. What a program sees of it is mended in two places: patches of the
// interpreter's code, below, before it is compiled, and driver/wide.py, which
// runs before the image is taken. No program pays for either.
//
// What numpy keeps as intp (indices, in 32 bits) stays so: compiled code of every
// library takes such an array for one of pointers' size.

//go:embed driver/wide.py
var wideSource string

// patch replaces code of one function. Old and new are as long as each other, in
// hexadecimal, and old occurs so many times in the function: the wheel is pinned,
// so anything else is a mistake in the table.
type patch struct {
	function string
	old, new string
	times    int
}

// Pieces of code. A call and an address always take five bytes here.
const (
	descrFromType = "10bdd3808000" // call PyArray_DescrFromType
	longDType     = "dc98978d00"   // where numpy keeps the DType of intp
	longLongDType = "b498978d00"   // … and that of long long
	asSize        = "108d8d808000" // call PyLong_AsSsize_t
	asSizeCut     = "410010850401" // i32.const 0; call PyNumber_AsSsize_t; nop
	overflowError = "41002802cce2b78c00"
	noError       = "4100" + "01" + nops // i32.const 0; nops
	nops          = "010101010101"
	objectSize    = "108184808000" // call PyObject_Size
	fromSize      = "109d8d808000" // call PyLong_FromSsize_t
	builtinLen    = "10851d01"     // call builtin_len; nop
	mtrand        = "__pyx_pw_5numpy_6random_6mtrand_11RandomState"
	binomialN     = "20062802b401" + "1180808080008080808000" + "41004100" // to where the flags of n are
)

// Types of numpy: 7 is long (32 bits here, as intp), 9 long long.
var patches = []patch{
	// The default integer of numpy is long long.
	{"discover_descriptor_from_pylong", "4107" + descrFromType, "4109" + descrFromType, 1},
	{"discover_descriptor_from_pylong", "410741092002", "410941092002", 1},
	{"int_default_descriptor", "4107" + descrFromType, "4109" + descrFromType, 1},
	{"int_common_dtype", "2802" + longDType, "2802" + longLongDType, 2},
	{"_convert_from_any", "4107" + descrFromType, "4109" + descrFromType, 1},
	{"PyArray_ArangeObj", "4107" + descrFromType, "4109" + descrFromType, 1},
	{"_multiarray_umath_exec", "4107" + descrFromType, "4109" + descrFromType, 1},
	{"convert_ufunc_arguments", "4107460d00", "4109460d00", 1},
	{"py_resolve_dtypes_generic", "4107" + descrFromType, "4109" + descrFromType, 2},
	// A ufunc of a Python int keeps it in 32 bits on its short way: it takes the long one.
	{"ufunc_generic_fastcall", "20052802d8030d00", "4101010101010d00", 1},
	// Sums and products of what is smaller than 64 bits are taken in 64.
	{"reducelike_promote_and_resolve", "410721090240", "410921090240", 1},
	{"reducelike_promote_and_resolve", "41034d0d0020", "41074d0d0020", 1},
	// Counts and indices of 64 bits are cast to intp, as they are by take. The flag for
	// that takes more room than there is, so two that nothing uses mean it too.
	{"PyArray_FromArray", "418080802071", "4188a0802071", 1},
	{"PyArray_Repeat", "41810a410010", "41812a410010", 1},
	{"PyArray_PutTo", "41810a410010", "41812a410010", 1},
	{"PyArray_Choose", descrFromType + "4100410041004100", descrFromType + "4100410041084100", 1},
	{"PyArray_SearchSorted", "41800610", "41802610", 1},
	{"PyUFunc_GenericReduction", "410141810a410010", "410141812a410010", 1},
	{mtrand + "_87binomial", "4107" + binomialN + "418002", "4107" + binomialN + "418022", 1},

	// len() is that of a function, below, wherever it is called.
	{"_PyEval_EvalFrameDefault",
		"2003417e71" + objectSize + "21022005280200210a" + "2002410048" + "0df7012002" + fromSize + "2202450df701",
		"41002003417e71" + builtinLen + "21022005280200210a" + "2002450101" + "0df7012002" + nops + "2202450df701", 1},
	{"_PyEval_EvalFrameDefault",
		"2005417e71" + objectSize + "21022008280200210a0240" + "200241004e" + "0d00200321090cb9010b02402002" + fromSize + "22020d0020032109",
		"41002005417e71" + builtinLen + "21022008280200210a0240" + "2002010101" + "0d00200321090cb9010b02402002" + nops + "22020d0020032109", 1},

	// Counts that are larger than any container here mean all of it, as on 64 bits.
	{"islice_new", overflowError, noError, 4},
	{"lru_cache_new", overflowError, noError, 1},
	{"PyNumber_Multiply", overflowError, noError, 2},
	{"PyNumber_InPlaceMultiply", overflowError, noError, 2},
	{"bytes_new", overflowError, noError, 1},
	{"bytearray___init__", overflowError, noError, 1},
	{"_Py_convert_optional_to_ssize_t", overflowError, noError, 1},
	{"deque_init", asSize, asSizeCut, 1},
	{"deque_insert", asSize, asSizeCut, 1},
	{"list_insert", asSize, asSizeCut, 1},
	{"list_pop", asSize, asSizeCut, 1},
	{"batched_new", asSize, asSizeCut, 1},
	{"itertools_combinations", asSize, asSizeCut, 1},
	{"unicode_split", asSize, asSizeCut, 1},
	{"unicode_rsplit", asSize, asSizeCut, 1},
	{"unicode_replace", asSize, asSizeCut, 1},
	{"bytes_split", asSize, asSizeCut, 1},
	{"bytes_rsplit", asSize, asSizeCut, 1},
	{"bytes_replace", asSize, asSizeCut, 1},
	{"str_int_multiply", asSize, asSizeCut, 1},
	{"int_str_multiply", asSize, asSizeCut, 1},
	{"bytes_int_multiply", asSize, asSizeCut, 1},
	{"int_bytes_multiply", asSize, asSizeCut, 1},
	{"tuple_int_multiply", asSize, asSizeCut, 1},
	{"int_tuple_multiply", asSize, asSizeCut, 1},
	{"_io_TextIOWrapper_readline", asSize, asSizeCut, 1},
	{"_sre_SRE_Pattern_prefixmatch", asSize, asSizeCut, 2},
	{"_sre_SRE_Pattern_fullmatch", asSize, asSizeCut, 2},
	{"_sre_SRE_Pattern_search", asSize, asSizeCut, 2},
	{"_sre_SRE_Pattern_findall", asSize, asSizeCut, 2},
	{"_sre_SRE_Pattern_finditer", asSize, asSizeCut, 2},
	{"_sre_SRE_Pattern_sub", asSize, asSizeCut, 1},
	{"_sre_SRE_Pattern_subn", asSize, asSizeCut, 1},
	{"_sre_SRE_Pattern_split", asSize, asSizeCut, 1},
}

// reduced is numpy's table of what sums of the types 2 to 10 are taken in. It lies
// in the module's data, and what it begins with occurs once.
var reduced = patch{"the data", "080708070807080708", "0a090a090a090a090a", 1}

// The body of len(), before and after: the length of a range is a Python int, and
// where it has more than 32 bits it is given as it is.
var (
	lenName = "builtin_len"
	lenOld  = "01017f" + "410021020240" + "2001" + objectSize + "2201" + "4100480d00" + "2001" + fromSize + "21020b20020b"
	lenNew  = "01017f" +
		"2001" + "108104" + "2202" + "41004e" + "047f" + // PyObject_Size(of) >= 0 ?
		"2002" + "109d0d" + // PyLong_FromSsize_t
		"05" + "2001280204" + "4190a1ba0c" + "46" + "047f" + // : type(of) is range ?
		"10fa1f" + "2001280214" + "10ba04" + // PyErr_Clear, PyNumber_Index(of->length)
		"05" + "4100" + "0b0b0b"
)

// patchesID stands for what the patches do, in the names of what is made of them.
func patchesID() string { return fmt.Sprint(patches, reduced, lenNew) }

// widen gives the interpreter with the patches, which it makes in place.
func widen(bin []byte) ([]byte, error) {
	m, err := wasm.Decode(bin, wasm.Bounds{})
	if err != nil {
		return nil, err
	}
	names, err := functionNames(bin)
	if err != nil {
		return nil, err
	}
	code := func(name string) (c wasm.Code, err error) {
		at, ok := names[name]
		if !ok || at < m.ImportedFuncs || at >= len(m.Funcs) {
			return c, fmt.Errorf("no function is called %s", name)
		}
		return m.Code[at-m.ImportedFuncs], nil
	}
	for _, p := range patches {
		c, err := code(p.function)
		if err == nil {
			err = p.apply(c.Body)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := reduced.apply(bin); err != nil {
		return nil, err
	}
	c, err := code(lenName)
	if err != nil {
		return nil, err
	}
	return enlarge(bin, c.Offset)
}

// enlarge gives len() its new body. The size before it is a byte, as it stays, and
// that of the section keeps its own length.
func enlarge(bin []byte, body int) ([]byte, error) {
	from, err1 := hex.DecodeString(lenOld)
	to, err2 := hex.DecodeString(lenNew)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	at := body - len("\x01\x01\x7f") - 1 // before the locals, at the size
	if at < 0 || !bytes.HasPrefix(bin[at:], append([]byte{byte(len(from))}, from...)) {
		return nil, fmt.Errorf("%s has other code than what a patch replaces", lenName)
	}
	sections := &reader{rest: bin[min(len(bin), 8):]}
	for sections.more() {
		head := len(bin) - len(sections.rest)
		id, section := sections.section()
		if id != byte(wasm.SecCode) {
			continue
		}
		size := len(section.rest)
		now := binary.AppendUvarint(nil, uint64(size+len(to)-len(from)))
		if start := len(bin) - len(sections.rest) - size; start != head+1+len(now) {
			return nil, errors.New("the section of code has a size that a patch can't change")
		}
		out := slices.Concat(bin[:at], []byte{byte(len(to))}, to, bin[at+1+len(from):])
		copy(out[head+1:], now)
		return out, nil
	}
	return nil, errors.New("the module has no code")
}

func (p patch) apply(code []byte) error {
	from, err1 := hex.DecodeString(p.old)
	to, err2 := hex.DecodeString(p.new)
	if err := errors.Join(err1, err2); err != nil || len(from) != len(to) {
		return fmt.Errorf("a patch of %s that replaces %d bytes by %d: %w", p.function, len(from), len(to), err)
	}
	if n := bytes.Count(code, from); n != p.times {
		return fmt.Errorf("%s has the code that a patch replaces %d times, want %d", p.function, n, p.times)
	}
	for rest := code; ; {
		at := bytes.Index(rest, from)
		if at < 0 {
			return nil
		}
		rest = rest[at:]
		copy(rest, to)
		rest = rest[len(to):]
	}
}

// functionNames reads the numbers of functions from the section "name". Of several
// of a name the first is meant.
func functionNames(bin []byte) (map[string]int, error) {
	names := map[string]int{}
	sections := &reader{rest: bin[min(len(bin), 8):]} // after magic and version
	for sections.more() {
		id, body := sections.section()
		if id != 0 || string(body.take()) != "name" {
			continue
		}
		for body.more() {
			kind, part := body.section()
			if kind != 1 {
				continue
			}
			for n := part.number(); n > 0 && part.more(); n-- {
				at, name := part.number(), string(part.take())
				if _, ok := names[name]; !ok {
					names[name] = int(at)
				}
			}
		}
	}
	if len(names) == 0 {
		return nil, errors.New("the functions have no names")
	}
	return names, nil
}

// reader takes a section apart; what is cut off reads as empty.
type reader struct{ rest []byte }

func (r *reader) more() bool { return len(r.rest) > 0 }

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.rest = nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// take gives what follows its own length.
func (r *reader) take() []byte {
	n := min(r.number(), uint64(len(r.rest)))
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return part
}

func (r *reader) section() (byte, *reader) {
	id := r.rest[0]
	r.rest = r.rest[1:]
	return id, &reader{r.take()}
}
