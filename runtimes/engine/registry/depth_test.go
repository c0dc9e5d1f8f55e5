package registry

import (
	"fmt"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// TestDepth goes as deep as the meter lets it, with frames of every shape: the
// meter must stop all engines at the same place, before their own stacks end.
func TestDepth(t *testing.T) {
	oneEngine(t)
	for name, shape := range map[string]struct{ params, locals, code string }{
		"empty":           {"", "", "call 0"},
		"one":             {"i64", "", "local.get 0 call 0 drop local.get 0"},
		"parameters":      {repeat(8, "i64"), "", repeat(8, "local.get # i64.const 1 i64.add") + "call 0 " + repeat(8, "local.get # i64.add")},
		"many parameters": {repeat(20, "i64"), "", repeat(20, "local.get # i64.const 1 i64.add") + "call 0 " + repeat(20, "local.get # i64.add")},
		"21 parameters":   {repeat(21, "i64"), "", repeat(21, "local.get # i64.const 1 i64.add") + "call 0 " + repeat(21, "local.get # i64.add")},
		"100 parameters":  {repeat(100, "i64"), "", repeat(100, "local.get # i64.const 1 i64.add") + "call 0 " + repeat(100, "local.get # i64.add")},
		"999 parameters":  {repeat(999, "i64"), "", repeat(999, "local.get # i64.const 1 i64.add") + "call 0 " + repeat(999, "local.get # i64.add")},
		"999 passed on":   {repeat(999, "i64"), "", repeat(999, "local.get #") + "call 0"},
		"calls":           {"i64", "", strings.Repeat(repeat(100, "local.get 0 i64.const # i64.xor")+"call 2 "+repeat(99, "i64.xor")+" local.set 0 ", 10) + "local.get 0 call 0"},
		"locals":          {"i64", repeat(60, "i64"), live(60, "i64.const # i64.add", "i64.xor")},
		"floats":          {"f64", repeat(30, "f64"), live(30, "f64.const # f64.add", "f64.mul")},
		"vectors":         {"v128", repeat(12, "v128"), live(12, "i32.const # i32x4.splat i32x4.add", "v128.xor")},
		"operands":        {"i64", "", repeat(100, "local.get 0 i64.const # i64.xor") + "local.get 0 call 0 " + repeat(100, "i64.add")},
	} {
		t.Run(name, func(t *testing.T) {
			m := wasmtest.New()
			m.Memory(1, 1)
			result, drop := "", ""
			if types := strings.Fields(shape.params); len(types) > 0 {
				result, drop = types[0], "drop"
			}
			m.Func(shape.params, result, shape.locals, shape.code)
			wide := repeat(100, "i64")
			start := m.Func("", "", "", zeros(shape.params)+"call 0 "+drop)
			m.Func(wide, wide, "", repeat(100, "local.get #")) // 2
			m.ExportFunc("f", start)
			if got := same(t, m.Bytes(), 1<<62); !strings.HasPrefix(got.Error, "stack_overflow") {
				t.Errorf("it ended with %q", got.Error)
			}
		})
	}
}

// repeat writes code n times, # being the number from 0.
func repeat(n int, code string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(code, "#", fmt.Sprint(i)) + " ")
	}
	return b.String()
}

// live sets n locals from the parameter, calls itself and joins them all: each
// is needed across the call.
func live(n int, set, join string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "local.get 0 %s local.set %d ", strings.ReplaceAll(set, "#", fmt.Sprint(i)), i+1)
	}
	b.WriteString("local.get 1 call 0 ")
	for i := range n {
		fmt.Fprintf(&b, "local.get %d %s ", i+1, join)
	}
	return b.String()
}

// zeros puts a zero of each type on the stack.
func zeros(types string) string {
	var b strings.Builder
	for _, t := range strings.Fields(types) {
		if t == "v128" {
			b.WriteString("i32.const 0 i32x4.splat ")
		} else {
			b.WriteString(t + ".const 0 ")
		}
	}
	return b.String()
}
