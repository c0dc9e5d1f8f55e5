package llama

// number is the size of what a training computes with, in bytes.
const numberSize = 4

// Memory is about what a training of the shape takes, in bytes, with so many
// rows in a batch: weights, gradients, their sum over a step and two moments; what
// each operation of the training graph makes, forward and backward; and the same
// forward for the reference and what is held out.
func (c Config) Memory(rows int) int64 {
	wide, heads := (c.Heads+2*c.SharedHeads)*c.HeadSize, c.Heads*c.HeadSize
	layer := 6*c.Width + wide + heads + 3*c.Inner // norms, maps and sums of a layer
	forward := c.Width + c.Layers*layer + c.Width + c.Vocabulary + 1
	return numberSize * (5*int64(c.Count()) + 3*int64(rows)*int64(forward))
}
