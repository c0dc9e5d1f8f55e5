package wasmtest

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// Asm assembles code written as a sequence of words, operators each followed
// by its immediates:
//
//	block i32  local.get 0  i32.const 5  i32.add  end
//
// A block type is nothing, one type, or (params -> results): "block (i32 -> )".
// try_table takes its clauses in brackets: "try_table [catch 0 1, catch_all 0]".
// br_table takes its labels in brackets, the default last. Loads and stores
// take "align offset" in brackets and default to 0 0. A line's rest after ";;"
// is a comment.
func (m *Module) Asm(code string) []byte {
	a := &assembler{m: m, words: words(code)}
	for len(a.words) > 0 {
		a.instruction()
	}
	return a.out
}

// spaced has what stands for itself apart from its neighbours.
var spaced = strings.NewReplacer("(", " ( ", ")", " ) ", "[", " [ ", "]", " ] ", ",", " , ")

func words(code string) []string {
	if code == "" {
		return nil
	}
	var lines []string
	for _, line := range strings.Split(code, "\n") {
		line, _, _ = strings.Cut(line, ";;")
		lines = append(lines, line)
	}
	return strings.Fields(spaced.Replace(strings.Join(lines, " ")))
}

func valType(name string) wasm.ValType {
	for _, t := range []wasm.ValType{
		wasm.I32, wasm.I64, wasm.F32, wasm.F64, wasm.V128,
		wasm.FuncRef, wasm.ExternRef, wasm.ExnRef,
	} {
		if t.String() == name {
			return t
		}
	}
	panic("wasmtest: no type " + name)
}

type assembler struct {
	m     *Module
	words []string
	out   []byte
}

func (a *assembler) peek() string {
	if len(a.words) == 0 {
		return ""
	}
	return a.words[0]
}

func (a *assembler) next() string {
	w := a.peek()
	if w == "" {
		panic("wasmtest: the code ends in the middle of an instruction")
	}
	a.words = a.words[1:]
	return w
}

func (a *assembler) number() int64 {
	w := a.next()
	n, err := strconv.ParseInt(w, 0, 64)
	if err != nil {
		u, uerr := strconv.ParseUint(w, 0, 64)
		if uerr != nil {
			panic(fmt.Sprintf("wasmtest: %v", err))
		}
		n = int64(u)
	}
	return n
}

func (a *assembler) index() { a.out = wasm.AppendU32(a.out, uint32(a.number())) }

func (a *assembler) instruction() {
	name := a.next()
	op, ok := wasm.OpNamed(name)
	if !ok {
		panic("wasmtest: no operator " + name)
	}
	a.out = wasm.AppendOp(a.out, op)
	a.immediates(op)
}

func (a *assembler) immediates(op wasm.Op) {
	switch info := op.Info(); info.Imm {
	case wasm.ImmNone:
	case wasm.ImmBlock:
		a.blockType()
	case wasm.ImmTryTable:
		a.blockType()
		a.catches()
	case wasm.ImmBrTable:
		labels := a.list()
		a.out = wasm.AppendU32(a.out, uint32(len(labels)-1))
		for _, l := range labels {
			a.out = wasm.AppendU32(a.out, uint32(l))
		}
	case wasm.ImmMem, wasm.ImmTwoMems:
		a.out = append(a.out, 0)
		if info.Imm == wasm.ImmTwoMems {
			a.out = append(a.out, 0)
		}
	case wasm.ImmDataMem:
		a.index()
		a.out = append(a.out, 0)
	case wasm.ImmCallTable, wasm.ImmTwoTables, wasm.ImmElemTable:
		a.index()
		a.index()
	case wasm.ImmMemArg, wasm.ImmMemLane:
		a.memArg(info.Imm == wasm.ImmMemLane)
	case wasm.ImmI32: // 0xffffffff is -1
		a.out = wasm.AppendS64(a.out, int64(int32(a.number())))
	case wasm.ImmI64:
		a.out = wasm.AppendS64(a.out, a.number())
	case wasm.ImmBytes:
		a.float(int(info.Width))
	case wasm.ImmLane:
		a.out = append(a.out, byte(a.number()))
	case wasm.ImmLanes16:
		for _, l := range a.list() {
			a.out = append(a.out, byte(l))
		}
	case wasm.ImmRefType:
		a.out = append(a.out, byte(valType(a.next())))
	case wasm.ImmTypes:
		a.out = append(a.out, 1, byte(valType(a.next())))
	default:
		a.index()
	}
}

// float writes a float of 4 or 8 bytes, or a vector of two 64-bit numbers.
// "bits:N" gives the bits.
func (a *assembler) float(width int) {
	if width == 16 {
		a.out = binary.LittleEndian.AppendUint64(a.out, uint64(a.number()))
		a.out = binary.LittleEndian.AppendUint64(a.out, uint64(a.number()))
		return
	}
	w := a.next()
	raw, isBits := strings.CutPrefix(w, "bits:")
	bits, err := strconv.ParseUint(raw, 0, width*8)
	if !isBits {
		var f float64
		f, err = strconv.ParseFloat(w, width*8)
		if bits = math.Float64bits(f); width == 4 {
			bits = uint64(math.Float32bits(float32(f)))
		}
	}
	if err != nil {
		panic(fmt.Sprintf("wasmtest: %v", err))
	}
	a.out = append(a.out, binary.LittleEndian.AppendUint64(nil, bits)[:width]...)
}

func (a *assembler) memArg(lane bool) {
	args := []int64{0, 0}
	if a.peek() == "[" {
		args = a.list()
	}
	a.out = wasm.AppendU32(wasm.AppendU32(a.out, uint32(args[0])), uint32(args[1]))
	if lane {
		a.out = append(a.out, byte(a.number()))
	}
}

// list reads numbers in brackets.
func (a *assembler) list() []int64 {
	if a.next() != "[" {
		panic("wasmtest: [ expected")
	}
	var ns []int64
	for a.peek() != "]" {
		ns = append(ns, a.number())
		if a.peek() == "," {
			a.next()
		}
	}
	a.next()
	return ns
}

func (a *assembler) blockType() {
	w := a.peek()
	if w == "(" {
		a.next()
		var sides [2]string
		for i := 0; a.peek() != ")"; {
			if t := a.next(); t == "->" {
				i++
			} else {
				sides[i] += " " + t
			}
		}
		a.next()
		a.out = wasm.AppendS64(a.out, int64(a.m.Type(sides[0], sides[1])))
		return
	}
	for _, t := range []string{"i32", "i64", "f32", "f64", "v128", "funcref", "externref", "exnref"} {
		if w == t {
			a.next()
			a.out = append(a.out, byte(valType(t)))
			return
		}
	}
	a.out = append(a.out, 0x40)
}

func (a *assembler) catches() {
	if a.next() != "[" {
		panic("wasmtest: [ expected")
	}
	kinds := []string{"catch", "catch_ref", "catch_all", "catch_all_ref"}
	var clauses []byte
	n := uint32(0)
	sub := &assembler{m: a.m}
	for a.peek() != "]" {
		if a.peek() == "," {
			a.next()
			continue
		}
		kind := a.next()
		for k, name := range kinds {
			if name != kind {
				continue
			}
			sub.out = append(sub.out, byte(k))
			for i := k / 2; i < 2; i++ { // a tag but for catch_all, and a label
				sub.out = wasm.AppendU32(sub.out, uint32(a.number()))
			}
			n++
		}
	}
	a.next()
	clauses = sub.out
	a.out = append(wasm.AppendU32(a.out, n), clauses...)
}
