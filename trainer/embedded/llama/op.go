package llama

import (
	"fmt"
	"hash"
	"hash/fnv"
	"sync/atomic"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/assay-dev/assay/trainer/embedded/kernel"
)

// made counts operations: each one's hash is its own, or gorgonia would take two
// of them for one.
var made atomic.Uint64

// operation is a kernel as an operation of gorgonia's. What it makes is in
// memory of its own, from one run to the next: a tape machine that starts again
// forgets its registers.
type operation[F kernel.Float] struct {
	name   string
	id     uint64
	of     hm.Type
	shape  tensor.Shape
	inputs int
	wrt    []bool // inputs that there is a gradient by
	out    gorgonia.Value
	data   []F
	run    func(out []F, in [][]F)
	// back makes the gradients by the inputs, out of that by the output.
	back func(in gorgonia.Nodes, grad *gorgonia.Node) (gorgonia.Nodes, error)
}

var (
	_ gorgonia.SDOp            = (*operation[float32])(nil)
	_ gorgonia.UsePreallocDoer = (*operation[float32])(nil)
)

// apply puts an operation on inputs into their graph. Without a shape its output
// is a scalar.
func apply[F kernel.Float](name string, shape tensor.Shape, run func(out []F, in [][]F), back func(gorgonia.Nodes, *gorgonia.Node) (gorgonia.Nodes, error), wrt []bool, inputs ...*gorgonia.Node) (*gorgonia.Node, error) {
	op := &operation[F]{name: name, id: made.Add(1), shape: shape, inputs: len(inputs), wrt: wrt, run: run, back: back}
	var result hm.Type = number[F]()
	if len(shape) == 0 {
		op.data = make([]F, 1)
	} else {
		result = gorgonia.TensorType{Dims: len(shape), Of: number[F]()}
		op.data = make([]F, shape.TotalSize())
		op.out = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(op.data))
	}
	types := make([]hm.Type, 0, len(inputs)+1)
	for _, in := range inputs {
		types = append(types, in.Type())
	}
	op.of = hm.NewFnType(append(types, result)...)
	return gorgonia.ApplyOp(op, inputs...)
}

func number[F kernel.Float]() tensor.Dtype {
	var zero F
	if _, single := any(zero).(float32); single {
		return tensor.Float32
	}
	return tensor.Float64
}

// Do computes the output.
func (o *operation[F]) Do(inputs ...gorgonia.Value) (gorgonia.Value, error) {
	in := make([][]F, len(inputs))
	for i, v := range inputs {
		switch data := v.Data().(type) {
		case []F:
			in[i] = data
		case F:
			in[i] = []F{data}
		default:
			return nil, fmt.Errorf("%s: input %d is a %T", o.name, i, data)
		}
	}
	o.run(o.data, in)
	if o.out != nil {
		return o.out, nil
	}
	if x, single := any(o.data[0]).(float32); single {
		return gorgonia.NewF32(x), nil
	}
	return gorgonia.NewF64(float64(o.data[0])), nil
}

// UsePreallocDo has memory already.
func (o *operation[F]) UsePreallocDo(_ gorgonia.Value, inputs ...gorgonia.Value) (gorgonia.Value, error) {
	return o.Do(inputs...)
}

// SymDiff puts the gradients into the graph.
func (o *operation[F]) SymDiff(inputs gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	if o.back == nil {
		return nil, fmt.Errorf("%s has no gradient", o.name)
	}
	return o.back(inputs, grad)
}

func (o *operation[F]) DiffWRT(int) []bool { return o.wrt }
func (o *operation[F]) Arity() int         { return o.inputs }
func (o *operation[F]) Type() hm.Type      { return o.of }
func (o *operation[F]) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return o.shape, nil
}
func (o *operation[F]) ReturnsPtr() bool      { return true }
func (o *operation[F]) CallsExtern() bool     { return false }
func (o *operation[F]) OverwritesInput() int  { return -1 }
func (o *operation[F]) WriteHash(h hash.Hash) { fmt.Fprintf(h, "assay %s %d", o.name, o.id) }
func (o *operation[F]) String() string        { return fmt.Sprintf("%s#%d", o.name, o.id) }
func (o *operation[F]) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}
