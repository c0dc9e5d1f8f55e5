package wasm

import "strings"

// ValType is a value type, by its byte in the binary format.
type ValType byte

const (
	I32       ValType = 0x7f
	I64       ValType = 0x7e
	F32       ValType = 0x7d
	F64       ValType = 0x7c
	V128      ValType = 0x7b
	FuncRef   ValType = 0x70
	ExternRef ValType = 0x6f
	ExnRef    ValType = 0x69

	// bottom is the type of a value that unreachable code conjures up.
	bottom ValType = 0
)

// IsRef says whether t is a reference type.
func (t ValType) IsRef() bool { return t == FuncRef || t == ExternRef || t == ExnRef }

func (t ValType) known() bool {
	return t >= V128 && t <= I32 || t.IsRef()
}

func (t ValType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	case ExnRef:
		return "exnref"
	case bottom:
		return "any"
	}
	return "unknown type"
}

// FuncType is the type of a function, a block or a tag.
type FuncType struct {
	Params, Results []ValType
}

// Equal says whether both types are the same.
func (t FuncType) Equal(o FuncType) bool {
	return sameTypes(t.Params, o.Params) && sameTypes(t.Results, o.Results)
}

func (t FuncType) String() string {
	return "[" + joinTypes(t.Params) + "] -> [" + joinTypes(t.Results) + "]"
}

func sameTypes(a, b []ValType) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func joinTypes(ts []ValType) string {
	names := make([]string, len(ts))
	for i, t := range ts {
		names[i] = t.String()
	}
	return strings.Join(names, " ")
}

// Limits are the sizes of a table (elements) or a memory (pages of 64 KiB).
type Limits struct {
	Min, Max uint32
	HasMax   bool
}

// ExternKind says what an import or an export is.
type ExternKind byte

const (
	KindFunc   ExternKind = 0
	KindTable  ExternKind = 1
	KindMemory ExternKind = 2
	KindGlobal ExternKind = 3
	KindTag    ExternKind = 4
)
