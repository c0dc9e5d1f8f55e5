package python

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/runtimes/instrument"
)

// An instrumented module on disk is the length of its header (8 bytes), the
// header in JSON, the code, and the data of its segments in a row.
type storedModule struct {
	Code     int             `json:"code"` // bytes
	Segments []storedSegment `json:"segments"`
	Memory   string          `json:"memory"`
	Globals  []string        `json:"globals"`
	Start    string          `json:"start"`
	Hash     [32]byte        `json:"hash"`
}

type storedSegment struct {
	Offset uint32 `json:"offset"`
	Size   int    `json:"size"`
}

// storeModule gives the parts of a module's stored form.
func storeModule(m *instrument.Module) ([][]byte, error) {
	h := storedModule{Code: len(m.Code), Memory: m.Memory, Globals: m.Globals, Start: m.Start, Hash: m.Hash}
	data := [][]byte{m.Code}
	for _, s := range m.Segments {
		h.Segments = append(h.Segments, storedSegment{s.Offset, len(s.Data)})
		data = append(data, s.Data)
	}
	header, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	size := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append([][]byte{size, header}, data...), nil
}

// loadModule reads the stored form; the module refers to raw.
func loadModule(raw []byte) (*instrument.Module, error) {
	if len(raw) < 8 {
		return nil, errors.New("stored module: no header")
	}
	n := binary.LittleEndian.Uint64(raw)
	raw = raw[8:]
	if n > uint64(len(raw)) {
		return nil, errors.New("stored module: the header is cut off")
	}
	var h storedModule
	if err := json.Unmarshal(raw[:n], &h); err != nil {
		return nil, fmt.Errorf("stored module: %w", err)
	}
	raw = raw[n:]
	sound := true
	take := func(n int) []byte {
		if n < 0 || n > len(raw) {
			sound = false
			return nil
		}
		part := raw[:n:n]
		raw = raw[n:]
		return part
	}
	m := &instrument.Module{Code: take(h.Code), Memory: h.Memory, Globals: h.Globals, Start: h.Start, Hash: h.Hash}
	for _, s := range h.Segments {
		m.Segments = append(m.Segments, instrument.Segment{Offset: s.Offset, Data: take(s.Size)})
	}
	if !sound || len(m.Code) == 0 || len(raw) != 0 {
		return nil, errors.New("stored module: the lengths are wrong")
	}
	return m, nil
}
