package runtimes

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"github.com/fxamacker/cbor/v2"
)

// Jobs and outcomes have one encoding, CBOR (RFC 8949): to a worker process, to
// another machine, in the cache and in its keys. Equal values have equal bytes.
// Strings of guests need not be UTF-8, and arrive as they are.
var (
	encoding = must(cbor.EncOptions{}.UserBufferEncMode())
	decoding = must(cbor.DecOptions{
		UTF8:             cbor.UTF8DecodeInvalid,
		MaxArrayElements: 1 << 24,
		MaxMapPairs:      64,
		MaxNestedLevels:  8,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
	}.DecMode())
)

func must[T any](mode T, err error) T {
	if err != nil {
		panic(err) // the options are constants
	}
	return mode
}

// Encode appends the encoding of v to b.
func Encode(b *bytes.Buffer, v any) error { return encoding.MarshalToBuffer(v, b) }

// Decode reads what Encode wrote, from a source that nobody trusts: it takes no
// more memory than a small multiple of the data, and refuses what is not of v's
// form.
func Decode(data []byte, v any) error { return decoding.Unmarshal(data, v) }

// Key is a hash, in hex, of what v holds and of what kind of thing it is the key.
func Key(kind string, v any) string {
	h := sha256.New()
	for _, part := range []any{kind, v} {
		var b bytes.Buffer
		if err := Encode(&b, part); err != nil {
			panic(err) // keys are of plain fields
		}
		h.Write(b.Bytes())
	}
	return hex.EncodeToString(h.Sum(nil))
}
