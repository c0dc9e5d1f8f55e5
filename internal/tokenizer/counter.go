package tokenizer

import (
	"fmt"
	"math"
)

// Counter counts the tokens of a text.
type Counter interface {
	Count(text string) (int, error)
	// Exceeds says whether a text has more than limit tokens.
	Exceeds(text string, limit int) (bool, error)
	// String says how it counts.
	String() string
}

// Bytes counts so many bytes as one token: an estimate.
type Bytes float64

// DefaultBytes errs on the side of more tokens: tokenizers of models for code
// take 3.2 to 3.9 bytes of Python as one.
const DefaultBytes Bytes = 3

// Check says what is wrong with a ratio.
func (b Bytes) Check() error {
	if !(b >= 1 && b <= 100) {
		return fmt.Errorf("%v bytes a token: a token has 1 to 100 bytes", float64(b))
	}
	return nil
}

// Count rounds up.
func (b Bytes) Count(text string) (int, error) {
	return int(math.Ceil(float64(len(text)) / float64(b))), nil
}

// Exceeds compares the estimate.
func (b Bytes) Exceeds(text string, limit int) (bool, error) {
	n, err := b.Count(text)
	return n > limit, err
}

func (b Bytes) String() string { return fmt.Sprintf("estimated, %v bytes a token", float64(b)) }
