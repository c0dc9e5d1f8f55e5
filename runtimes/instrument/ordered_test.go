package instrument

import (
	"cmp"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// orderedRoutes are the ways by which two operands, $x and $y, can come to a
// compare ($op), and its result on. Parameters 0 and 1 are a and b, local 2
// stays zero, 3 and 4 are free and of the operands' type ($t), 5 is an i32.
var orderedRoutes = []string{
	"$x $y $op",
	"$x local.set 3 $y local.set 4 local.get 3 local.get 4 $op",
	"$y local.tee 4 drop $x local.get 4 $op",
	"$x block ($t -> $t) $y local.set 4 local.get 4 $op local.set 5 local.get 2 end drop local.get 5",
	"block $t $x end $y $op",
	"$x $t.const 0 $t.shl $y local.get 2 $t.shr_u $op",
	"$x $y $t.const 64 $t.shr_s $op",
	"$x $y i32.const 0 local.get 0 $t.store $op",
	"$x $y $op local.set 5 local.get 5",
	"block i32 $x $y $op end",
	"$x block loop br 1 end end $y $op",
	"local.get 0 $t.eqz if $t $x else $x end $y $op",
}

// orderedBranches are what may follow: %s is the compare.
var orderedBranches = []string{
	"block %s br_if 0 i32.const 0 return end i32.const 1",
	"%s if i32 i32.const 1 else i32.const 0 end",
	"%s i32.eqz if i32 i32.const 0 else i32.const 1 end",
	"i32.const 1 i32.const 0 %s select",
	"%s",
	"%s if i32.const 1 return end i32.const 0",
	"%s call 0 if i32 i32.const 1 else i32.const 0 end",
	"loop %s if i32.const 1 return end end i32.const 0",
}

var orderedHolds = map[string]func(c int) bool{
	"lt": func(c int) bool { return c < 0 }, "gt": func(c int) bool { return c > 0 },
	"le": func(c int) bool { return c <= 0 }, "ge": func(c int) bool { return c >= 0 },
}

// TestOrderedCompares compares a & b with 0 in every way: wazero gets some of
// them wrong.
func TestOrderedCompares(t *testing.T) {
	for _, typ := range []string{"i32", "i64"} {
		for op, holds := range orderedHolds {
			for _, sign := range []string{"s", "u"} {
				t.Run(typ+"."+op+"_"+sign, func(t *testing.T) {
					for _, zero := range []string{typ + ".const 0", "local.get 2"} {
						const masked = "local.get 0 local.get 1 $t.and"
						testOrdered(t, typ, typ+"."+op+"_"+sign, masked, zero, func(a uint64) bool { return holds(sideOfZero(a, typ, sign)) })
						testOrdered(t, typ, typ+"."+op+"_"+sign, zero, masked, func(a uint64) bool { return holds(-sideOfZero(a, typ, sign)) })
					}
				})
			}
		}
	}
}

// sideOfZero is the sign of a number of that type.
func sideOfZero(a uint64, typ, sign string) int {
	switch {
	case typ == "i32" && sign == "s":
		return cmp.Compare(int32(a), 0)
	case typ == "i32":
		return cmp.Compare(uint32(a), 0)
	case sign == "s":
		return cmp.Compare(int64(a), 0)
	}
	return cmp.Compare(a, 0)
}

func testOrdered(t *testing.T, typ, op, x, y string, want func(a uint64) bool) {
	operands := strings.NewReplacer("$x", x, "$y", y)
	words := strings.NewReplacer("$t", typ, "$op", op)
	m := wasmtest.New()
	m.Memory(1, 1)
	m.Func("i32", "i32", "", "local.get 0")
	var codes []string
	for _, route := range orderedRoutes {
		for _, branch := range orderedBranches {
			code := words.Replace(operands.Replace(strings.Replace(branch, "%s", route, 1)))
			codes = append(codes, code)
			m.ExportFunc(code, m.Func(typ+" "+typ, "i32", strings.Repeat(typ+" ", 3)+"i32", code))
		}
	}
	in := newMachine(t).load(t, instrumented(t, m).Code, nil)
	for _, code := range codes {
		for _, a := range []uint64{0, 5, 1 << 31, 1<<63 | 1<<31} {
			got, trap := in.call(code, a, 1<<64-1)
			if trap != "" || (uint32(got[0]) != 0) != want(a) {
				t.Errorf("with a = %x: %s gives %v %q", a, code, got, trap)
			}
		}
	}
}
