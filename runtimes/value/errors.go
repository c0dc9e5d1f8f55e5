package value

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed is what Decode and DecodeTagged give for bytes that are not of their form.
	ErrMalformed = errors.New("malformed value")
	// ErrAmbiguous says that the plain form has a buffer in it, whose type only the tagged form tells.
	ErrAmbiguous = errors.New("a buffer, whose type is not told")
	// ErrBounds says that a value is over its Bounds.
	ErrBounds = errors.New("value over its bounds")
	// ErrIncomparable is given for a value whose comparison is not a plain true
	// or false that its contents decide: Opaque, iterators, dict_values, arrays.
	ErrIncomparable = errors.New("value that can't be compared")
	// ErrUnhashable is given for a value that can't be in a set or the key of a dict.
	ErrUnhashable = errors.New("unhashable value")
)

// DecodeError says where the bytes of a value are wrong. It wraps one of
// ErrMalformed, ErrAmbiguous and ErrBounds.
type DecodeError struct {
	Offset int  // in bytes; len(raw) when they end too early
	Type   byte // the type byte of the item at fault; 0 when there is none
	Reason string
	Err    error
}

func (e *DecodeError) Error() string {
	if e.Type == 0 {
		return fmt.Sprintf("offset %d: %s: %v", e.Offset, e.Reason, e.Err)
	}
	return fmt.Sprintf("offset %d, type %q: %s: %v", e.Offset, e.Type, e.Reason, e.Err)
}

func (e *DecodeError) Unwrap() error { return e.Err }
