package wasm

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
