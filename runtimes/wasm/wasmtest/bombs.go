package wasmtest

import (
	"fmt"
	"strings"

	"github.com/assay-dev/assay/runtimes/wasm"
)

// Bomb is a kind of module that takes a compiler more than its size says. Make
// makes one that grows with n.
type Bomb struct {
	Name   string
	Make   func(n int) []byte
	Reason string // in the refusal of a large one; "" for any
}

// again is code that is assembled once and written n times.
func (m *Module) again(n int, code string) []byte {
	one := m.Asm(code)
	out := make([]byte, 0, n*len(one))
	for range n {
		out = append(out, one...)
	}
	return out
}

// command makes a WASI command of a module whose last function is its entry.
func (m *Module) command() []byte {
	m.ExportFunc("_start", m.Func("", "", "", ""))
	return m.Bytes()
}

// values is a list of n value types, or of any words.
func values(n int, word string) string { return strings.Repeat(word+" ", n) }

// straight is a bomb of a function with code before, n times code, and code after.
func straight(name, params, locals, before, code, after string) Bomb {
	return Bomb{Name: name, Make: func(n int) []byte {
		m := New()
		m.Memory(1, 1)
		m.Table("funcref", 10, 20)
		m.Global("i32", true, "i32.const 0")
		m.Global("f64", true, "f64.const 0")
		m.Global("v128", false, "v128.const 1 2")
		m.Func("", "", "", "global.get 0 drop")                          // 0
		m.Func("", "i32", "", "global.get 0")                            // 1
		m.Func("i32", "", "", "local.get 0 global.set 0")                // 2
		m.Func("", values(1000, "i32"), "", values(1000, "i32.const 0")) // 3
		m.Func(values(1000, "i32"), "", "", "")                          // 4
		m.Func("i32", "i32", "", "local.get 0 i32.eqz")                  // 5
		m.Elem(0, 0, 1, 2, 5)
		m.Tag("i32")
		code := append(append(m.Asm(before), m.again(n, code)...), m.Asm(after)...)
		m.FuncBytes(params, "", locals, code)
		return m.command()
	}}
}

// numbered writes code once for each number below n.
func numbered(n int, code string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, code+" ", i)
	}
	return b.String()
}

// Bombs are the kinds known.
func Bombs() []Bomb {
	wide := values(1000, "i32")
	some := values(100, "i32")
	return []Bomb{
		straight("calls that pass 1,000 values", "", "", "", "call 3 call 4", ""),
		straight("loops", "i32", "", "", "loop local.get 0 br_if 0 end", ""),
		straight("loops of 100 locals", "i32", some, "", "loop "+numbered(100, "local.get %d i32.const 1 i32.add local.set %[1]d")+" local.get 0 br_if 0 end", ""),
		straight("ifs", "i32", "", "", "local.get 0 if end", ""),
		straight("ifs of 100 locals", "i32", some, "", "local.get 0 if "+numbered(100, "i32.const 1 local.set %d")+" end", ""),
		straight("ifs and uses of 100 locals", "i32", some, "", "local.get 0 if "+numbered(100, "i32.const 1 local.set %d")+" else local.get 3 local.set 4 end "+numbered(100, "local.get %d call 2"), ""),
		straight("one if of 1,000 locals, ifs", "i32", wide, "local.get 0 if "+numbered(1000, "i32.const 1 local.set %d")+" end", "local.get 0 if call 0 end", numbered(1000, "local.get %d call 2")),
		straight("br_ifs to a label", "i32", "", "block", "local.get 0 br_if 0", "end"),
		straight("br_ifs to a label of 1,000 values", "i32", "", "block ( -> "+wide+")"+values(1000, "local.get 0"), "local.get 0 br_if 0", "end "+values(1000, "drop")),
		straight("br_ifs to a loop", "i32", "", "loop", "local.get 0 br_if 0", "end"),
		straight("br_ifs to a loop of 100 locals", "i32", some, "loop", "local.get 0 i32.const 1 i32.add local.tee 3 br_if 0", "end"),
		straight("blocks of 1,000 values", "i32", "", values(1000, "local.get 0"), "block ("+wide+" -> "+wide+") end", values(1000, "drop")),
		straight("loops of 1,000 values", "i32", "", values(1000, "local.get 0"), "loop ("+wide+" -> "+wide+") end", values(1000, "drop")),
		straight("ifs of 1,000 values", "i32", "", values(1000, "local.get 0"), "local.get 0 if ("+wide+" -> "+wide+") end", values(1000, "drop")),
		straight("code", "i32", "", "", "local.get 0 i32.const 77 i32.add local.set 0", ""),
		straight("deep stack", "i32", "", "local.get 0", "local.get 0 i32.const 1 i32.add", "unreachable"),
		straight("selects", "i32 i64", "", "local.get 1", "local.get 1 local.get 0 select", "drop"),
		straight("selects of f64", "i32 f64", "", "local.get 1", "local.get 1 local.get 0 select", "drop"),
		straight("float arithmetic", "f64", "", "local.get 0", "local.get 0 f64.add", "drop"),
		straight("lanes", "v128", "", "local.get 0", "local.get 0 f32x4.add", "drop"),
		straight("constants of v128", "v128", "", "local.get 0", "v128.const 1234 5678 i32x4.add", "drop"),
		straight("constants of f64", "f64", "", "local.get 0", "f64.const 1.25 f64.copysign", "drop"),
		straight("loads", "i32", "", "", "local.get 0 i32.load [2 100] local.set 0", ""),
		straight("stores", "i32", "", "", "local.get 0 i32.const 7 i32.store [2 100]", ""),
		straight("divisions", "i32", "", "", "local.get 0 local.get 0 i32.div_s local.set 0", ""),
		straight("truncations", "f64", "", "", "local.get 0 i32.trunc_f64_s drop", ""),
		straight("memory.fill", "i32", "", "", "local.get 0 local.get 0 local.get 0 memory.fill", ""),
		straight("memory.grow", "i32", "", "", "local.get 0 memory.grow drop", ""),
		straight("table.get", "i32", "", "", "local.get 0 local.get 0 table.get 0 table.set 0", ""),
		straight("table.grow", "i32", "", "", "ref.null funcref local.get 0 table.grow 0 drop", ""),
		straight("calls", "", "", "", "call 0", ""),
		straight("calls with 100 values alive", "i32", "", numbered(100, "local.get 0 i32.const %d i32.add"), "call 0", values(100, "call 2")),
		straight("calls with 1,000 values alive", "i32", "", numbered(1000, "local.get 0 i32.const %d i32.add"), "call 0", values(1000, "call 2")),
		straight("calls through a table", "i32", "", "", "local.get 0 call_indirect 0 0", ""),
		straight("try_tables", "i32", "", "", "block ( -> i32) try_table [catch 0 0] local.get 0 if local.get 0 throw 0 end end i32.const 0 end drop", ""),
		straight("globals", "i32", "", "", "global.get 0 i32.const 1 i32.add global.set 0", ""),
		straight("100 loads, ifs", "i32", some, numbered(100, "local.get %d i32.load [0 0] drop"), "local.get 0 if end", ""),
		straight("1,000 loads, ifs", "i32", wide, numbered(1000, "local.get %d i32.load [0 0] drop"), "local.get 0 if end", ""),
		{Name: "blocks in blocks and a br_table", Make: func(n int) []byte {
			m := New()
			m.Func("i32", "", "", values(n, "block")+"local.get 0 br_table ["+numbered(n, "%d")+"] "+values(n, "end local.get 0 drop"))
			return m.command()
		}},
		{Name: "br_tables", Make: func(n int) []byte {
			m := New()
			m.FuncBytes("i32", "", "", m.again(n, values(100, "block")+"local.get 0 br_table ["+numbered(100, "%d")+"] "+values(100, "end local.get 0 drop")))
			return m.command()
		}},
		{Name: "br_table of one label of 1,000 values", Make: func(n int) []byte {
			m := New()
			m.Func("i32", "", "", "block ( -> "+wide+")"+values(1000, "local.get 0")+" local.get 0 br_table ["+values(n, "0")+"] end "+values(1000, "drop"))
			return m.command()
		}},
		{Name: "br_table of labels of 100 values", Make: func(n int) []byte {
			m := New()
			m.Func("i32", "", "", values(n, "block ( -> "+some+")")+values(100, "local.get 0")+"local.get 0 br_table ["+numbered(n, "%d")+"] "+values(n, "end")+values(100, "drop"))
			return m.command()
		}},
		{Name: "br_table of 100,000 targets", Make: func(n int) []byte {
			m := New()
			m.FuncBytes("i32", "", "", m.again(n, "block block local.get 0 br_table ["+values(50_000, "0 1")+"] end end"))
			return m.command()
		}},
		{Name: "loops in loops", Make: func(n int) []byte {
			m := New()
			m.Func("i32", "", "", values(n, "loop")+values(n, "local.get 0 br_if 0 end"))
			return m.command()
		}},
		{Name: "loops in loops of 100 locals", Make: func(n int) []byte {
			m := New()
			m.Func("i32", "", some, values(n, "loop")+values(n, numbered(100, "local.get %d i32.const 1 i32.add local.set %[1]d")+"local.get 0 br_if 0 end"))
			return m.command()
		}},
		{Name: "ifs in ifs", Make: func(n int) []byte {
			m := New()
			m.Func("i32", "", "", values(n, "local.get 0 if")+values(n, "end"))
			return m.command()
		}},
		{Name: "functions", Make: func(n int) []byte {
			m := New()
			for range n {
				m.FuncBytes("", "", "", nil)
			}
			return m.command()
		}},
		{Name: "functions that call", Make: func(n int) []byte {
			m := New()
			for range n {
				m.FuncBytes("i32", "i32", "", []byte{0x20, 0, 0x10, 0})
			}
			return m.command()
		}},
		{Name: "one large function, many functions", Make: func(n int) []byte {
			m := New()
			m.FuncBytes("i32", "", "", m.again(1000+n/10, "block local.get 0 br_if 0 end"))
			for range n {
				m.FuncBytes("", "", "", nil)
			}
			return m.command()
		}},
		{Name: "functions of 1,000 parameters", Make: func(n int) []byte {
			m := New()
			for range n {
				m.FuncBytes(wide, "", "", nil)
			}
			return m.command()
		}},
		{Name: "functions of 20,000 locals", Make: func(n int) []byte {
			m := New()
			for range n {
				m.Body("", "", append(wasm.AppendLocals(nil, []wasm.LocalRun{{Count: 20_000, Type: wasm.I64}}), 0x0b))
			}
			return m.command()
		}},
		{Name: "types", Reason: "for the types of functions", Make: func(n int) []byte {
			m := New()
			for i := range n {
				m.types = append(m.types, wasm.FuncType{Params: Types(values(i%1000, "i32"))})
			}
			return m.command()
		}},
		{Name: "exports", Make: func(n int) []byte {
			m := New()
			m.Func("", "", "", "")
			for i := range n {
				m.ExportFunc(fmt.Sprint(i), 0)
			}
			return m.command()
		}},
		{Name: "elements", Make: func(n int) []byte {
			m := New()
			m.Table("funcref", n, -1)
			f := m.Func("", "", "", "")
			funcs := make([]int, n)
			for i := range funcs {
				funcs[i] = f
			}
			m.Elem(0, funcs...)
			return m.command()
		}},
		{Name: "data segments", Make: func(n int) []byte {
			m := New()
			m.Memory(1, 1)
			for range n {
				m.Data(0, []byte{1})
			}
			return m.command()
		}},
	}
}
