package value

// Bounds are the most that a decoded value may have. A zero field means its default.
type Bounds struct {
	Bytes int // of the encoding; default 64 MiB
	Nodes int // items at all depths, keys included; default 16,777,216
	Depth int // containers within containers; default 1,000, as deep as Python itself compares
}

const (
	defaultBytes = 64 << 20
	defaultNodes = 16 << 20
	defaultDepth = 1000
)

func (b Bounds) withDefaults() Bounds {
	if b.Bytes == 0 {
		b.Bytes = defaultBytes
	}
	if b.Nodes == 0 {
		b.Nodes = defaultNodes
	}
	if b.Depth == 0 {
		b.Depth = defaultDepth
	}
	return b
}

// DecodeFrame reads a value in the form that it came in, tagged or marshal's, of
// at most so many bytes, nodes and levels (runtimes.Limits has them).
func DecodeFrame(raw []byte, tagged bool, bytes, nodes, depth uint64) (Value, error) {
	b := Bounds{Bytes: int(bytes), Nodes: int(nodes), Depth: int(depth)}
	if tagged {
		return DecodeTagged(raw, b)
	}
	return Decode(raw, b)
}
