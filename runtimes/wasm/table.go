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
	{0xd2, "ref.func", "", ImmFunc, CostFar, 0, 0},

	{PrefixFC + 0, "i32.trunc_sat_f32_s i32.trunc_sat_f32_u", "f:i", ImmNone, 0, 0, 0},
	{PrefixFC + 2, "i32.trunc_sat_f64_s i32.trunc_sat_f64_u", "F:i", ImmNone, 0, 0, 0},
	{PrefixFC + 4, "i64.trunc_sat_f32_s i64.trunc_sat_f32_u", "f:I", ImmNone, 0, 0, 0},
	{PrefixFC + 6, "i64.trunc_sat_f64_s i64.trunc_sat_f64_u", "F:I", ImmNone, 0, 0, 0},
	{PrefixFC + 8, "memory.init", "iii:", ImmDataMem, CostBulk, 0, 0},
	{PrefixFC + 9, "data.drop", ":", ImmData, CostFar, 0, 0},
	{PrefixFC + 10, "memory.copy", "iii:", ImmTwoMems, CostBulk, 0, 0},
	{PrefixFC + 11, "memory.fill", "iii:", ImmMem, CostBulk, 0, 0},
	{PrefixFC + 12, "table.init", "iii:", ImmElemTable, CostFarBulk, 0, 0},
	{PrefixFC + 13, "elem.drop", ":", ImmElem, CostFar, 0, 0},
	{PrefixFC + 14, "table.copy", "iii:", ImmTwoTables, CostBulk, 0, 0},
	{PrefixFC + 15, "table.grow", "", ImmTable, CostBulk, 0, 0},
	{PrefixFC + 16, "table.size", ":i", ImmTable, 0, 0, 0},
	{PrefixFC + 17, "table.fill", "", ImmTable, CostBulk, 0, 0},
}

var infos [opCount]Info

func init() {
	for _, rows := range [][]row{coreRows, simdRows} {
		for _, r := range rows {
			for i, name := range strings.Fields(r.names) {
				infos[r.first+Op(i)] = r.info(name)
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

var simdRows = []row{
	{PrefixFD + 0x00, "v128.load", "i:v", ImmMemArg, 0, 0, 16},
	{PrefixFD + 0x01, "v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u v128.load32x2_s v128.load32x2_u", "i:v", ImmMemArg, 0, 0, 8},
	{PrefixFD + 0x07, "v128.load8_splat", "i:v", ImmMemArg, 0, 0, 1},
	{PrefixFD + 0x08, "v128.load16_splat", "i:v", ImmMemArg, 0, 0, 2},
	{PrefixFD + 0x09, "v128.load32_splat", "i:v", ImmMemArg, 0, 0, 4},
	{PrefixFD + 0x0a, "v128.load64_splat", "i:v", ImmMemArg, 0, 0, 8},
	{PrefixFD + 0x0b, "v128.store", "iv:", ImmMemArg, 0, 0, 16},
	{PrefixFD + 0x0c, "v128.const", ":v", ImmBytes, 0, 0, 16},
	{PrefixFD + 0x0d, "i8x16.shuffle", "vv:v", ImmLanes16, 0, 0, 32},
	{PrefixFD + 0x0e, "i8x16.swizzle", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x0f, "i8x16.splat i16x8.splat i32x4.splat", "i:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x12, "i64x2.splat", "I:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x13, "f32x4.splat", "f:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x14, "f64x2.splat", "F:v", ImmNone, 0, 0, 0},

	{PrefixFD + 0x15, "i8x16.extract_lane_s i8x16.extract_lane_u", "v:i", ImmLane, 0, 0, 16},
	{PrefixFD + 0x17, "i8x16.replace_lane", "vi:v", ImmLane, 0, 0, 16},
	{PrefixFD + 0x18, "i16x8.extract_lane_s i16x8.extract_lane_u", "v:i", ImmLane, 0, 0, 8},
	{PrefixFD + 0x1a, "i16x8.replace_lane", "vi:v", ImmLane, 0, 0, 8},
	{PrefixFD + 0x1b, "i32x4.extract_lane", "v:i", ImmLane, 0, 0, 4},
	{PrefixFD + 0x1c, "i32x4.replace_lane", "vi:v", ImmLane, 0, 0, 4},
	{PrefixFD + 0x1d, "i64x2.extract_lane", "v:I", ImmLane, 0, 0, 2},
	{PrefixFD + 0x1e, "i64x2.replace_lane", "vI:v", ImmLane, 0, 0, 2},
	{PrefixFD + 0x1f, "f32x4.extract_lane", "v:f", ImmLane, 0, 0, 4},
	{PrefixFD + 0x20, "f32x4.replace_lane", "vf:v", ImmLane, 0, 0, 4},
	{PrefixFD + 0x21, "f64x2.extract_lane", "v:F", ImmLane, 0, 0, 2},
	{PrefixFD + 0x22, "f64x2.replace_lane", "vF:v", ImmLane, 0, 0, 2},

	{PrefixFD + 0x23, "i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x2d, "i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_s i16x8.gt_u i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x37, "i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x41, "f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x47, "f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x4d, "v128.not", "v:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x4e, "v128.and v128.andnot v128.or v128.xor", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x52, "v128.bitselect", "vvv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x53, "v128.any_true", "v:i", ImmNone, 0, 0, 0},

	{PrefixFD + 0x54, "v128.load8_lane", "iv:v", ImmMemLane, 0, 0, 1},
	{PrefixFD + 0x55, "v128.load16_lane", "iv:v", ImmMemLane, 0, 0, 2},
	{PrefixFD + 0x56, "v128.load32_lane", "iv:v", ImmMemLane, 0, 0, 4},
	{PrefixFD + 0x57, "v128.load64_lane", "iv:v", ImmMemLane, 0, 0, 8},
	{PrefixFD + 0x58, "v128.store8_lane", "iv:", ImmMemLane, 0, 0, 1},
	{PrefixFD + 0x59, "v128.store16_lane", "iv:", ImmMemLane, 0, 0, 2},
	{PrefixFD + 0x5a, "v128.store32_lane", "iv:", ImmMemLane, 0, 0, 4},
	{PrefixFD + 0x5b, "v128.store64_lane", "iv:", ImmMemLane, 0, 0, 8},
	{PrefixFD + 0x5c, "v128.load32_zero", "i:v", ImmMemArg, 0, 0, 4},
	{PrefixFD + 0x5d, "v128.load64_zero", "i:v", ImmMemArg, 0, 0, 8},
	{PrefixFD + 0x5e, "f32x4.demote_f64x2_zero", "v:v", ImmNone, 0, NaNF32x4, 0},
	{PrefixFD + 0x5f, "f64x2.promote_low_f32x4", "v:v", ImmNone, 0, NaNF64x2, 0},

	{PrefixFD + 0x60, "i8x16.abs i8x16.neg i8x16.popcnt", "v:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x63, "i8x16.all_true i8x16.bitmask", "v:i", ImmNone, 0, 0, 0},
	{PrefixFD + 0x65, "i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x67, "f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest", "v:v", ImmNone, 0, NaNF32x4, 0},
	{PrefixFD + 0x6b, "i8x16.shl i8x16.shr_s i8x16.shr_u", "vi:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x6e, "i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub i8x16.sub_sat_s i8x16.sub_sat_u", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x74, "f64x2.ceil f64x2.floor", "v:v", ImmNone, 0, NaNF64x2, 0},
	{PrefixFD + 0x76, "i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x7a, "f64x2.trunc", "v:v", ImmNone, 0, NaNF64x2, 0},
	{PrefixFD + 0x7b, "i8x16.avgr_u", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x7c, "i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u", "v:v", ImmNone, 0, 0, 0},

	{PrefixFD + 0x80, "i16x8.abs i16x8.neg", "v:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x82, "i16x8.q15mulr_sat_s", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x83, "i16x8.all_true i16x8.bitmask", "v:i", ImmNone, 0, 0, 0},
	{PrefixFD + 0x85, "i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x87, "i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u", "v:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x8b, "i16x8.shl i16x8.shr_s i16x8.shr_u", "vi:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x8e, "i16x8.add i16x8.add_sat_s i16x8.add_sat_u i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x94, "f64x2.nearest", "v:v", ImmNone, 0, NaNF64x2, 0},
	{PrefixFD + 0x95, "i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0x9b, "i16x8.avgr_u i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u", "vv:v", ImmNone, 0, 0, 0},

	{PrefixFD + 0xa0, "i32x4.abs i32x4.neg", "v:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xa3, "i32x4.all_true i32x4.bitmask", "v:i", ImmNone, 0, 0, 0},
	{PrefixFD + 0xa7, "i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u", "v:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xab, "i32x4.shl i32x4.shr_s i32x4.shr_u", "vi:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xae, "i32x4.add", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xb1, "i32x4.sub", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xb5, "i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u i32x4.dot_i16x8_s", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xbc, "i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u", "vv:v", ImmNone, 0, 0, 0},

	{PrefixFD + 0xc0, "i64x2.abs i64x2.neg", "v:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xc3, "i64x2.all_true i64x2.bitmask", "v:i", ImmNone, 0, 0, 0},
	{PrefixFD + 0xc7, "i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u", "v:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xcb, "i64x2.shl i64x2.shr_s i64x2.shr_u", "vi:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xce, "i64x2.add", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xd1, "i64x2.sub", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xd5, "i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xdc, "i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u", "vv:v", ImmNone, 0, 0, 0},

	{PrefixFD + 0xe0, "f32x4.abs f32x4.neg", "v:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xe3, "f32x4.sqrt", "v:v", ImmNone, 0, NaNF32x4, 0},
	{PrefixFD + 0xe4, "f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max", "vv:v", ImmNone, 0, NaNF32x4, 0},
	{PrefixFD + 0xea, "f32x4.pmin f32x4.pmax", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xec, "f64x2.abs f64x2.neg", "v:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xef, "f64x2.sqrt", "v:v", ImmNone, 0, NaNF64x2, 0},
	{PrefixFD + 0xf0, "f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max", "vv:v", ImmNone, 0, NaNF64x2, 0},
	{PrefixFD + 0xf6, "f64x2.pmin f64x2.pmax", "vv:v", ImmNone, 0, 0, 0},
	{PrefixFD + 0xf8, "i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u", "v:v", ImmNone, 0, 0, 0},
}

// Operators of proposals that are not accepted, so that a refusal names them.

var refusedRows = []struct {
	first Op
	names string
	why   string
}{
	{0x06, "try catch", "legacy exceptions"},
	{0x09, "rethrow", "legacy exceptions"},
	{0x18, "delegate catch_all", "legacy exceptions"},
	{0x12, "return_call return_call_indirect", "tail calls"},
	{0x14, "call_ref return_call_ref", "typed references"},
	{0xd3, "ref.eq", "GC"},
	{0xd4, "ref.as_non_null br_on_null br_on_non_null", "typed references"},
	{PrefixFC + 18, "memory.discard", "memory control"},
	{PrefixFC + 19, "i64.add128 i64.sub128 i64.mul_wide_s i64.mul_wide_u", "wide arithmetic"},
	{PrefixFD + 0x100, "i8x16.relaxed_swizzle i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u i32x4.relaxed_trunc_f64x2_s_zero i32x4.relaxed_trunc_f64x2_u_zero f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s i32x4.relaxed_dot_i8x16_i7x16_add_s", "relaxed SIMD"},
	{PrefixFE + 0x00, "memory.atomic.notify memory.atomic.wait32 memory.atomic.wait64 atomic.fence", "threads"},
}

var refusedRanges = []struct {
	first, last Op
	why         string
}{
	{PrefixFE, PrefixFE + 0x4e, "threads"},
	{PrefixFB, PrefixFB + 0x1e, "GC"},
	{0xe0, 0xef, "stack switching"},
}
