package wasm

import "strings"

// The instruction table: every operator by opcode, as data, in this file (core)
// and in table_simd.go and table_refused.go. A row holds operators in opcode
// order that share the rest.

// row is a run of operators. sig is "params:result" in the letters of
// sigTypes, or "" where the types depend on the immediates.
type row struct {
	first Op
	names string
	sig   string
	imm   Imm
	cost  Cost
	nan   NaN
	width uint8
}

var sigTypes = map[byte]ValType{'i': I32, 'I': I64, 'f': F32, 'F': F64, 'v': V128}

var coreRows = []row{
	{0x00, "unreachable", "", ImmNone, CostFree, 0, 0},
	{0x01, "nop", ":", ImmNone, CostFree, 0, 0},
	{0x02, "block loop", "", ImmBlock, CostFree, 0, 0},
	{0x04, "if", "", ImmBlock, CostOne, 0, 0},
	{0x05, "else", "", ImmNone, CostFree, 0, 0},
	{0x08, "throw", "", ImmTag, CostOne, 0, 0},
	{0x0a, "throw_ref", "", ImmNone, CostOne, 0, 0},
	{0x0b, "end", "", ImmNone, CostFree, 0, 0},
	{0x0c, "br br_if", "", ImmLabel, CostOne, 0, 0},
	{0x0e, "br_table", "", ImmBrTable, CostOne, 0, 0},
	{0x0f, "return", "", ImmNone, CostFree, 0, 0},
	{0x10, "call", "", ImmFunc, CostOne, 0, 0},
	{0x11, "call_indirect", "", ImmCallTable, CostOne, 0, 0},
	{0x1a, "drop", "", ImmNone, CostFree, 0, 0},
	{0x1b, "select", "", ImmNone, CostOne, 0, 0},
	{0x1c, "select_t", "", ImmTypes, CostOne, 0, 0},
	{0x1f, "try_table", "", ImmTryTable, CostFree, 0, 0},
	{0x20, "local.get local.set local.tee", "", ImmLocal, CostOne, 0, 0},
	{0x23, "global.get global.set", "", ImmGlobal, CostOne, 0, 0},
	{0x25, "table.get table.set", "", ImmTable, CostOne, 0, 0},

	{0x28, "i32.load", "i:i", ImmMemArg, 0, 0, 4},
	{0x29, "i64.load", "i:I", ImmMemArg, 0, 0, 8},
	{0x2a, "f32.load", "i:f", ImmMemArg, 0, 0, 4},
	{0x2b, "f64.load", "i:F", ImmMemArg, 0, 0, 8},
	{0x2c, "i32.load8_s i32.load8_u", "i:i", ImmMemArg, 0, 0, 1},
	{0x2e, "i32.load16_s i32.load16_u", "i:i", ImmMemArg, 0, 0, 2},
	{0x30, "i64.load8_s i64.load8_u", "i:I", ImmMemArg, 0, 0, 1},
	{0x32, "i64.load16_s i64.load16_u", "i:I", ImmMemArg, 0, 0, 2},
	{0x34, "i64.load32_s i64.load32_u", "i:I", ImmMemArg, 0, 0, 4},
	{0x36, "i32.store", "ii:", ImmMemArg, 0, 0, 4},
	{0x37, "i64.store", "iI:", ImmMemArg, 0, 0, 8},
	{0x38, "f32.store", "if:", ImmMemArg, 0, 0, 4},
	{0x39, "f64.store", "iF:", ImmMemArg, 0, 0, 8},
	{0x3a, "i32.store8", "ii:", ImmMemArg, 0, 0, 1},
	{0x3b, "i32.store16", "ii:", ImmMemArg, 0, 0, 2},
	{0x3c, "i64.store8", "iI:", ImmMemArg, 0, 0, 1},
	{0x3d, "i64.store16", "iI:", ImmMemArg, 0, 0, 2},
	{0x3e, "i64.store32", "iI:", ImmMemArg, 0, 0, 4},
	{0x3f, "memory.size", ":i", ImmMem, 0, 0, 0},
	{0x40, "memory.grow", "i:i", ImmMem, CostBulk, 0, 0},

	{0x41, "i32.const", ":i", ImmI32, 0, 0, 0},
	{0x42, "i64.const", ":I", ImmI64, 0, 0, 0},
	{0x43, "f32.const", ":f", ImmBytes, 0, 0, 4},
	{0x44, "f64.const", ":F", ImmBytes, 0, 0, 8},

	{0x45, "i32.eqz", "i:i", ImmNone, 0, 0, 0},
	{0x46, "i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u", "ii:i", ImmNone, 0, 0, 0},
	{0x50, "i64.eqz", "I:i", ImmNone, 0, 0, 0},
	{0x51, "i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u", "II:i", ImmNone, 0, 0, 0},
	{0x5b, "f32.eq f32.ne f32.lt f32.gt f32.le f32.ge", "ff:i", ImmNone, 0, 0, 0},
	{0x61, "f64.eq f64.ne f64.lt f64.gt f64.le f64.ge", "FF:i", ImmNone, 0, 0, 0},
	{0x67, "i32.clz i32.ctz i32.popcnt", "i:i", ImmNone, 0, 0, 0},
	{0x6a, "i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr", "ii:i", ImmNone, 0, 0, 0},
	{0x79, "i64.clz i64.ctz i64.popcnt", "I:I", ImmNone, 0, 0, 0},
	{0x7c, "i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr", "II:I", ImmNone, 0, 0, 0},
	{0x8b, "f32.abs f32.neg", "f:f", ImmNone, 0, 0, 0},
	{0x8d, "f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt", "f:f", ImmNone, 0, NaNF32, 0},
	{0x92, "f32.add f32.sub f32.mul f32.div f32.min f32.max", "ff:f", ImmNone, 0, NaNF32, 0},
	{0x98, "f32.copysign", "ff:f", ImmNone, 0, 0, 0},
	{0x99, "f64.abs f64.neg", "F:F", ImmNone, 0, 0, 0},
	{0x9b, "f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt", "F:F", ImmNone, 0, NaNF64, 0},
	{0xa0, "f64.add f64.sub f64.mul f64.div f64.min f64.max", "FF:F", ImmNone, 0, NaNF64, 0},
	{0xa6, "f64.copysign", "FF:F", ImmNone, 0, 0, 0},
	{0xa7, "i32.wrap_i64", "I:i", ImmNone, 0, 0, 0},
	{0xa8, "i32.trunc_f32_s i32.trunc_f32_u", "f:i", ImmNone, 0, 0, 0},
	{0xaa, "i32.trunc_f64_s i32.trunc_f64_u", "F:i", ImmNone, 0, 0, 0},
	{0xac, "i64.extend_i32_s i64.extend_i32_u", "i:I", ImmNone, 0, 0, 0},
	{0xae, "i64.trunc_f32_s i64.trunc_f32_u", "f:I", ImmNone, 0, 0, 0},
	{0xb0, "i64.trunc_f64_s i64.trunc_f64_u", "F:I", ImmNone, 0, 0, 0},
	{0xb2, "f32.convert_i32_s f32.convert_i32_u", "i:f", ImmNone, 0, 0, 0},
	{0xb4, "f32.convert_i64_s f32.convert_i64_u", "I:f", ImmNone, 0, 0, 0},
	{0xb6, "f32.demote_f64", "F:f", ImmNone, 0, NaNF32, 0},
	{0xb7, "f64.convert_i32_s f64.convert_i32_u", "i:F", ImmNone, 0, 0, 0},
	{0xb9, "f64.convert_i64_s f64.convert_i64_u", "I:F", ImmNone, 0, 0, 0},
	{0xbb, "f64.promote_f32", "f:F", ImmNone, 0, NaNF64, 0},
	{0xbc, "i32.reinterpret_f32", "f:i", ImmNone, 0, 0, 0},
	{0xbd, "i64.reinterpret_f64", "F:I", ImmNone, 0, 0, 0},
	{0xbe, "f32.reinterpret_i32", "i:f", ImmNone, 0, 0, 0},
	{0xbf, "f64.reinterpret_i64", "I:F", ImmNone, 0, 0, 0},
	{0xc0, "i32.extend8_s i32.extend16_s", "i:i", ImmNone, 0, 0, 0},
	{0xc2, "i64.extend8_s i64.extend16_s i64.extend32_s", "I:I", ImmNone, 0, 0, 0},

	{0xd0, "ref.null", "", ImmRefType, 0, 0, 0},
	{0xd1, "ref.is_null", "", ImmNone, 0, 0, 0},
	{0xd2, "ref.func", "", ImmFunc, 0, 0, 0},

	{PrefixFC + 0, "i32.trunc_sat_f32_s i32.trunc_sat_f32_u", "f:i", ImmNone, 0, 0, 0},
	{PrefixFC + 2, "i32.trunc_sat_f64_s i32.trunc_sat_f64_u", "F:i", ImmNone, 0, 0, 0},
	{PrefixFC + 4, "i64.trunc_sat_f32_s i64.trunc_sat_f32_u", "f:I", ImmNone, 0, 0, 0},
	{PrefixFC + 6, "i64.trunc_sat_f64_s i64.trunc_sat_f64_u", "F:I", ImmNone, 0, 0, 0},
	{PrefixFC + 8, "memory.init", "iii:", ImmDataMem, CostBulk, 0, 0},
	{PrefixFC + 9, "data.drop", ":", ImmData, 0, 0, 0},
	{PrefixFC + 10, "memory.copy", "iii:", ImmTwoMems, CostBulk, 0, 0},
	{PrefixFC + 11, "memory.fill", "iii:", ImmMem, CostBulk, 0, 0},
	{PrefixFC + 12, "table.init", "iii:", ImmElemTable, CostBulk, 0, 0},
	{PrefixFC + 13, "elem.drop", ":", ImmElem, 0, 0, 0},
	{PrefixFC + 14, "table.copy", "iii:", ImmTwoTables, CostBulk, 0, 0},
	{PrefixFC + 15, "table.grow", "", ImmTable, CostBulk, 0, 0},
	{PrefixFC + 16, "table.size", ":i", ImmTable, 0, 0, 0},
	{PrefixFC + 17, "table.fill", "", ImmTable, CostBulk, 0, 0},
}

var (
	infos  [opCount]Info
	byName = map[string]Op{}
)

func init() {
	for _, rows := range [][]row{coreRows, simdRows} {
		for _, r := range rows {
			for i, name := range strings.Fields(r.names) {
				op := r.first + Op(i)
				infos[op] = r.info(name)
				byName[name] = op
			}
		}
	}
	for _, r := range refusedRows {
		for i, name := range strings.Fields(r.names) {
			infos[r.first+Op(i)] = Info{Name: name, Why: r.why, Imm: ImmRefused}
		}
	}
	for _, r := range refusedRanges {
		for op := r.first; op <= r.last; op++ {
			if infos[op].Imm == ImmUnknown {
				infos[op] = Info{Name: op.String(), Why: r.why, Imm: ImmRefused}
			}
		}
	}
}

func (r row) info(name string) Info {
	in := Info{Name: name, Imm: r.imm, Cost: r.cost, NaN: r.nan, Width: r.width}
	params, result, fixed := strings.Cut(r.sig, ":")
	in.Fixed = fixed
	in.NParams = uint8(len(params))
	for i := range params {
		in.Params[i] = sigTypes[params[i]]
	}
	if result != "" {
		in.Result = sigTypes[result[0]]
	}
	return in
}
