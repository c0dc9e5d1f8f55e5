package enginetest

// A few words of the binary format, enough to spell a module out by hand.

type bytecode []byte

func cat(parts ...any) bytecode {
	var out bytecode
	for _, p := range parts {
		switch v := p.(type) {
		case int:
			out = append(out, byte(v))
		case string:
			out = append(out, uleb(len(v))...)
			out = append(out, v...)
		case bytecode:
			out = append(out, v...)
		}
	}
	return out
}

func uleb(n int) bytecode {
	var out bytecode
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(out, byte(n))
}

func sleb(n int64) bytecode {
	var out bytecode
	for {
		b := byte(n & 0x7f)
		n >>= 7
		if (n == 0 && b&0x40 == 0) || (n == -1 && b&0x40 != 0) {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

func vector(items ...bytecode) bytecode {
	out := uleb(len(items))
	for _, it := range items {
		out = append(out, it...)
	}
	return out
}

func section(id int, content bytecode) bytecode { return cat(id, uleb(len(content)), content) }

const (
	i32, i64, f64 = 0x7f, 0x7e, 0x7c
	void          = 0x40

	unreachable, loop, if_, end, br, call, callIndirect = 0x00, 0x03, 0x04, 0x0b, 0x0c, 0x10, 0x11
	localGet, globalGet, globalSet                      = 0x20, 0x23, 0x24
	i32Load, i32Store, memoryGrow, i32Const, i64Const   = 0x28, 0x36, 0x40, 0x41, 0x42
	i64LtS, i32Add, i32DivS, i64Sub, i32TruncF64S       = 0x53, 0x6a, 0x6d, 0x7d, 0xaa
)
