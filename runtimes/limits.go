package runtimes

// Limits bound one guest. Zero fields take the default named beside them.
type Limits struct {
	_ struct{} `cbor:",toarray"`

	LoadFuel    uint64 `json:"load_fuel"`    // fuel for loading the program (default 20e9)
	CallFuel    uint64 `json:"call_fuel"`    // fuel for each input that names none of its own (default 20e9)
	MemoryBytes uint64 `json:"memory_bytes"` // linear memory in bytes, rounded up to pages of 64 KiB (default 1 GiB)
	StackSlots  uint64 `json:"stack_slots"`  // metered stack in 8-byte slots (default 8 Mi, also the most: Python's own limits come first)
	OutputBytes uint64 `json:"output_bytes"` // stdout and stderr, each, in bytes (default 1 MiB)
	FSBytes     uint64 `json:"fs_bytes"`     // bytes in the guest's files (default 64 MiB)
	FSNodes     uint64 `json:"fs_nodes"`     // files, directories and links the guest may make (default 10,000)
	OpenFiles   uint64 `json:"open_files"`   // open descriptors (default 256)
	ValueBytes  uint64 `json:"value_bytes"`  // one encoded value in bytes (default 16 MiB)
	ValueNodes  uint64 `json:"value_nodes"`  // nodes of one value (default 1 Mi); an item of a large set or dict counts three times
	ValueDepth  uint64 `json:"value_depth"`  // nesting of one value (default 200)
}

// WithDefaults fills the zero fields.
func (l Limits) WithDefaults() Limits {
	def := func(v *uint64, d uint64) {
		if *v == 0 {
			*v = d
		}
	}
	def(&l.LoadFuel, 20e9)
	def(&l.CallFuel, 20e9)
	def(&l.MemoryBytes, 1<<30)
	def(&l.StackSlots, 8<<20)
	def(&l.OutputBytes, 4<<20)
	def(&l.FSBytes, 64<<20)
	def(&l.FSNodes, 10_000)
	def(&l.OpenFiles, 256)
	def(&l.ValueBytes, 16<<20)
	def(&l.ValueNodes, 1<<20)
	def(&l.ValueDepth, 200)
	return l
}
