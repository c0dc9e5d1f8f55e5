package wasm

// Bounds limit what a module may hold. They are checked while reading, before
// memory is taken for what a count announces. Zero fields take the default
// named beside them; the defaults admit CPython with everything linked in
// (99 MB, 89,060 functions) with room to spare.
type Bounds struct {
	Bytes      int // the whole module (default 256 MiB)
	Customs    int // custom sections together, in bytes (default 32 MiB)
	Types      int // function types (default 100,000)
	Imports    int // (default 10,000)
	Functions  int // defined and imported (default 250,000)
	Params     int // parameters of a type, and results (default 1,000)
	Locals     int // locals of a function, parameters included (default 50,000)
	AllLocals  int // locals declared in all functions together (default 20,000,000)
	BodyBytes  int // one function's code (default 8 MiB)
	Nesting    int // blocks within blocks (default 2,000)
	Operands   int // values on a function's operand stack (default 100,000)
	BrTargets  int // targets of one br_table (default 100,000)
	Globals    int // (default 10,000)
	Exports    int // (default 100,000)
	Tables     int // (default 100)
	TableSize  int // initial elements of all tables together (default 1,000,000)
	Pages      int // initial pages of the memory (default 16,384: 1 GiB)
	Tags       int // (default 1,000)
	Segments   int // data segments, and element segments (default 100,000)
	SegmentLen int // elements of one element segment (default 1,000,000)
	NameBytes  int // one import or export name (default 100,000)
	Live       int // values alive at a function's branches together: (locals + operands) * branches, a loop counts 50 (default 3,000,000)
	Work       int // steps of validation beside one per instruction (default 2e9)
}

// WithDefaults fills the zero fields.
func (b Bounds) WithDefaults() Bounds {
	for _, f := range []struct {
		v *int
		d int
	}{
		{&b.Bytes, 256 << 20}, {&b.Customs, 32 << 20}, {&b.Types, 100_000},
		{&b.Imports, 10_000}, {&b.Functions, 250_000}, {&b.Params, 1_000},
		{&b.Locals, 50_000}, {&b.BodyBytes, 8 << 20}, {&b.Nesting, 2_000},
		{&b.Operands, 100_000}, {&b.BrTargets, 100_000}, {&b.Globals, 10_000},
		{&b.Exports, 100_000}, {&b.Tables, 100}, {&b.TableSize, 1_000_000},
		{&b.Pages, 16_384}, {&b.Tags, 1_000}, {&b.Segments, 100_000},
		{&b.SegmentLen, 1_000_000}, {&b.NameBytes, 100_000}, {&b.AllLocals, 20_000_000}, {&b.Work, 2_000_000_000},
		{&b.Live, 3_000_000},
	} {
		if *f.v == 0 {
			*f.v = f.d
		}
	}
	return b
}
