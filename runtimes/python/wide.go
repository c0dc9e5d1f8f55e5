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

// patch replaces pieces of one function's code, in hexadecimal. Old occurs so many
// times in the function: the wheel is pinned, so anything else is a mistake in the
// table.
type patch struct {
	function string
	old, new string
	times    int
}

// Pieces of code. A call and an address take five bytes where the linker wrote them.
const (
	descrFromType   = "10bdd3808000"                   // call PyArray_DescrFromType
	defaultDescr    = "10d5d1808000"                   // call int_default_descriptor
	noPandas        = "4101" + defaultDescr            // by the rule for dtype(int)
	defaultType     = "4100" + defaultDescr + "280210" // its type's number
	asSize          = "108d8d808000"                   // call PyLong_AsSsize_t
	asSizeCut       = "4100108584808000"               // i32.const 0; call PyNumber_AsSsize_t
	overflowError   = "2802cce2b78c00"                 // i32.load PyExc_OverflowError
	objectSize      = "108184808000"                   // call PyObject_Size
	fromSize        = "109d8d808000"                   // call PyLong_FromSsize_t
	builtinLen      = "10859d808000"                   // call builtin_len
	mtrand          = "__pyx_pw_5numpy_6random_6mtrand_11RandomState"
	fileName        = "2000280200" + "417e71" + "280250"                     // of frame $0: (f_executable & -2)->co_filename
	sameKindDefault = "41818a8020"                                           // i32.const NPY_ARRAY_DEFAULT | NPY_ARRAY_SAME_KIND_CASTING
	binomialN       = "20062802b401" + "1180808080008080808000" + "41004100" // to where the flags of n are
)

// Where a library lies below the libraries' folder: four letters, as they are loaded.
const (
	pandas      = "f0c2b9a306"
	scipy       = "f3c6a58307"
	sklearn     = "f3d6b1ab06"
	statsmodels = "f3e885a307"
)

// walk goes through the frames of Python code, from the innermost. It leaves the block
// around the condition it stands in if it comes to a library first, and goes on
// behind itself if to a program, or to the end.
func walk(libraries ...string) string {
	code := "10cd9d808000" + "2100" + // $0: the frame, of _PyEval_GetFrame()
		"0240" + "0340" + // block wide; loop
		"2000" + "45" + "0d01" + // no frame is left: wide
		"0240" + // block next
		"20002c0026" + "4102" + "4a" + "0d00" + // not one of Python code: next
		fileName + "280014" + "41afeacd9307" + "47" + "0d02" // begins not with "/usr": wide
	for _, letters := range libraries {
		code += fileName + "280031" + "41" + letters + "46" + "0d04" // narrow
	}
	return code + "0b" + // next: the frame before
		"2000280204" + "2100" + "0c00" + "0b" + "0b"
}

// Types of numpy: 7 is long (32 bits here, as intp), 9 long long.
var patches = []patch{
	// The default integer of numpy is long long for a program, and long for libraries
	// with compiled code, which hand it on as intp. Pandas asks for int where it means
	// 64 bits. Numpy's own frames, and those of Python's library, are of whoever called
	// them.
	{"int_default_descriptor", "4107" + descrFromType + "0b", "" +
		"0240" + // block narrow
		"2000" + "4101" + "46" + "0440" + walk(scipy, sklearn, statsmodels) + "05" + walk(pandas, scipy, sklearn, statsmodels) + "0b" + // $0 == noPandas ?
		"4109" + descrFromType + "0f" + "0b" +
		"4107" + descrFromType + "0b", 1},
	{"discover_descriptor_from_pylong", "4107" + descrFromType, "4100" + defaultDescr, 1},
	{"discover_descriptor_from_pylong", "410741092002", defaultType + "41092002", 1},
	{"int_common_dtype", "20020d01" + "41002802dc98978d00", "20020d01" + "4100" + defaultDescr + "280204", 1},
	{"PyArray_ArangeObj", "4107" + descrFromType, "4100" + defaultDescr, 1},
	{"py_resolve_dtypes_generic", "4107" + descrFromType, "4100" + defaultDescr, 2},
	{"_convert_from_any", "4107" + descrFromType, noPandas, 1}, // dtype(int)
	{"_multiarray_umath_exec", "4107" + descrFromType, "4109" + descrFromType, 1},
	{"convert_ufunc_arguments", "4107460d00", "4109460d00", 1},
	// A ufunc of a Python int keeps it in 32 bits on its short way: it takes the long one.
	{"ufunc_generic_fastcall", "20052802d8030d00", "41010d00", 1},
	// Sums and products of what is smaller than the default are taken in that, or in
	// the unsigned type that follows it. Types of unsigned integers are even.
	{"reducelike_promote_and_resolve", "410721090240", defaultType + "21090240", 1},
	{"reducelike_promote_and_resolve", "41034d0d0020", "4100" + defaultDescr + "280220" + "49" + "0d0020", 1},
	{"reducelike_promote_and_resolve", "200b2d0080e3c38a002109", "2009" + "200b410171" + "45" + "6a" + "2109", 1},
	// Counts and indices of 64 bits are cast to intp, as they are by take: with the flag
	// of the same kind.
	{"PyArray_Repeat", "41810a410010", sameKindDefault + "410010", 1},
	{"PyArray_PutTo", "41810a410010", sameKindDefault + "410010", 1},
	{"PyUFunc_GenericReduction", "410141810a410010", "4101" + sameKindDefault + "410010", 1},
	{"PyArray_Choose", descrFromType + "4100410041004100", descrFromType + "41004100" + "4180808020" + "4100", 1},
	{"PyArray_SearchSorted", "41800610", "4180868020" + "10", 1},
	{mtrand + "_87binomial", "4107" + binomialN + "418002", "4107" + binomialN + "4180828020", 1},

	// len() of a range is a Python int, and given as it is where it has more than 32
	// bits; wherever len() is called.
	{"builtin_len", "410021020240" + "2001" + objectSize + "2201" + "4100480d00" + "2001" + fromSize + "21020b20020b", "" +
		"2001" + objectSize + "2202" + "41004e" + "047f" + // PyObject_Size(of) >= 0 ?
		"2002" + fromSize +
		"05" + "2001280204" + "4190a1ba0c" + "46" + "047f" + // : type(of) is range ?
		"10fa9f808000" + "2001280214" + "10ba84808000" + // PyErr_Clear, PyNumber_Index(of->length)
		"05" + "4100" + "0b0b0b", 1},
	{"_PyEval_EvalFrameDefault",
		"2003417e71" + objectSize + "21022005280200210a" + "2002410048" + "0df7012002" + fromSize + "2202450df701",
		"41002003417e71" + builtinLen + "21022005280200210a" + "200245" + "0df701", 1},
	{"_PyEval_EvalFrameDefault",
		"2005417e71" + objectSize + "21022008280200210a0240" + "200241004e" + "0d00200321090cb9010b02402002" + fromSize + "22020d0020032109",
		"41002005417e71" + builtinLen + "21022008280200210a0240" + "2002" + "0d00200321090cb9010b02402002" + "0d0020032109", 1},

	// Counts that are larger than any container here mean all of it, as on 64 bits.
	{"islice_new", overflowError, "", 4},
	{"lru_cache_new", overflowError, "", 1},
	{"PyNumber_Multiply", overflowError, "", 2},
	{"PyNumber_InPlaceMultiply", overflowError, "", 2},
	{"bytes_new", overflowError, "", 1},
	{"bytearray___init__", overflowError, "", 1},
	{"_Py_convert_optional_to_ssize_t", overflowError, "", 1},
	{"deque_init", asSize, asSizeCut, 1},
	{"deque_insert", asSize, asSizeCut, 1},
	{"list_insert", asSize, asSizeCut, 1},
	{"list_pop", asSize, asSizeCut, 1},
	{"batched_new", asSize, asSizeCut, 1},
	{"_bz2_BZ2Decompressor_decompress", asSize, asSizeCut, 1}, // its users say sys.maxsize
	{"_lzma_LZMADecompressor_decompress", asSize, asSizeCut, 1},
	{"zlib__ZlibDecompressor_decompress", asSize, asSizeCut, 1},
	{"zlib_Decompress_decompress", asSize, asSizeCut, 1},
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

// patchesID stands for what the patches do, in the names of what is made of them.
func patchesID() string { return fmt.Sprint(patches) }

// widen gives the interpreter with the patches.
func widen(bin []byte) ([]byte, error) {
	m, err := wasm.Decode(bin, wasm.Bounds{})
	if err != nil {
		return nil, err
	}
	names, err := functionNames(bin)
	if err != nil {
		return nil, err
	}
	bodies := map[int][]byte{} // new ones, by index in m.Code
	for _, p := range patches {
		at := names[p.function] - m.ImportedFuncs
		if at < 0 || at >= len(m.Code) {
			return nil, fmt.Errorf("no function is called %s", p.function)
		}
		if _, ok := bodies[at]; !ok {
			bodies[at] = m.Code[at].Body
		}
		if bodies[at], err = p.apply(bodies[at]); err != nil {
			return nil, err
		}
	}
	return withBodies(bin, m, bodies)
}

// withBodies writes the section of code anew.
func withBodies(bin []byte, m *wasm.Module, bodies map[int][]byte) ([]byte, error) {
	sections := &reader{rest: bin[min(len(bin), 8):]}
	for sections.more() {
		head := len(bin) - len(sections.rest)
		id, section := sections.section()
		if id != byte(wasm.SecCode) {
			continue
		}
		code := binary.AppendUvarint(nil, section.number())
		for i := range m.Code {
			entry := section.take()
			if body, ok := bodies[i]; ok {
				entry = slices.Concat(entry[:len(entry)-len(m.Code[i].Body)], body) // after the locals
			}
			code = append(binary.AppendUvarint(code, uint64(len(entry))), entry...)
		}
		out := append(slices.Clone(bin[:head]), id)
		return slices.Concat(binary.AppendUvarint(out, uint64(len(code))), code, sections.rest), nil
	}
	return nil, errors.New("the module has no code")
}

func (p patch) apply(code []byte) ([]byte, error) {
	from, err1 := hex.DecodeString(p.old)
	to, err2 := hex.DecodeString(p.new)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("a patch of %s: %w", p.function, err)
	}
	if n := bytes.Count(code, from); n != p.times {
		return nil, fmt.Errorf("%s has the code that a patch replaces %d times, want %d", p.function, n, p.times)
	}
	return bytes.ReplaceAll(code, from, to), nil
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
