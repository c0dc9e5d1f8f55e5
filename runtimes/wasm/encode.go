package wasm

// Writer writes a module section by section, in the order of the calls.
type Writer struct {
	buf []byte
}

// NewWriter begins a module; size is a guess at its length in bytes.
func NewWriter(size int) *Writer {
	return &Writer{buf: append(make([]byte, 0, size+len(header)), header...)}
}

// Section writes a section, none for a nil payload.
func (w *Writer) Section(id SectionID, payload []byte) {
	if payload == nil {
		return
	}
	w.buf = AppendU32(append(w.buf, byte(id)), uint32(len(payload)))
	w.buf = append(w.buf, payload...)
}

// Bytes is the module written so far.
func (w *Writer) Bytes() []byte { return w.buf }

// AppendTypes appends the payload of a type section.
func AppendTypes(b []byte, types []FuncType) []byte {
	b = AppendU32(b, uint32(len(types)))
	for _, t := range types {
		b = append(b, 0x60)
		b = appendVals(b, t.Params)
		b = appendVals(b, t.Results)
	}
	return b
}

func appendVals(b []byte, ts []ValType) []byte {
	b = AppendU32(b, uint32(len(ts)))
	for _, t := range ts {
		b = append(b, byte(t))
	}
	return b
}

// AppendExports appends the payload of an export section.
func AppendExports(b []byte, exports []Export) []byte {
	b = AppendU32(b, uint32(len(exports)))
	for _, e := range exports {
		b = AppendName(b, e.Name)
		b = AppendU32(append(b, byte(e.Kind)), e.Index)
	}
	return b
}

// AppendName appends a name with its length.
func AppendName(b []byte, name string) []byte {
	return append(AppendU32(b, uint32(len(name))), name...)
}

// AppendLocals appends the declarations of a function's locals.
func AppendLocals(b []byte, runs []LocalRun) []byte {
	b = AppendU32(b, uint32(len(runs)))
	for _, r := range runs {
		b = append(AppendU32(b, r.Count), byte(r.Type))
	}
	return b
}
