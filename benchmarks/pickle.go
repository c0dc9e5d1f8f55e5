package benchmarks

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/assay-dev/assay/internal/jsonl"
)

// maxPacked bounds what packed tests unpack to, in bytes.
const maxPacked = 512 << 20

// unpack reads base64 of zlib of a pickle, in which LiveCodeBench and
// SandboxFusion keep tests.
func unpack(text string) (pickled, error) {
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return pickled{}, fmt.Errorf("neither JSON nor base64: %w", err)
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return pickled{}, fmt.Errorf("base64, but not of zlib's data: %w", err)
	}
	raw, err := jsonl.ReadAll(z, maxPacked)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends early")
	}
	if err != nil {
		return pickled{}, fmt.Errorf("zlib's data: %w", err)
	}
	p, err := unpickle(raw)
	if err != nil {
		return pickled{}, fmt.Errorf("pickle: %w", err)
	}
	return p, nil
}

// pickled is a str, or a dict of str.
type pickled struct {
	text string
	dict map[string]string // nil: it is text
}

// The opcodes that Python's pickle writes, in protocols 2 to 5, for a str or a
// dict of str. No other is read, so that nothing is ever looked up or called.
const (
	opProto           = 0x80
	opFrame           = 0x95
	opShortBinUnicode = 0x8c
	opBinUnicode      = 'X'
	opBinUnicode8     = 0x8d
	opBinPut          = 'q'
	opLongBinPut      = 'r'
	opMemoize         = 0x94
	opEmptyDict       = '}'
	opMark            = '('
	opSetItem         = 's'
	opSetItems        = 'u'
	opStop            = '.'
)

// maxStack is more than a dict of tests needs.
const maxStack = 64

// unpickler holds what pickle's machine would: a dict below, maybe, and texts.
type unpickler struct {
	b    []byte
	at   int
	dict map[string]string
	mark bool
	pile []string
}

func unpickle(b []byte) (pickled, error) {
	u := unpickler{b: b}
	for {
		op, err := u.take(1)
		if err != nil {
			return pickled{}, err
		}
		if op[0] == opStop {
			return u.result()
		}
		if err := u.do(op[0]); err != nil {
			return pickled{}, fmt.Errorf("byte %d: %w", u.at, err)
		}
	}
}

var errPickleEnd = errors.New("it ends early")

func (u *unpickler) take(n uint64) ([]byte, error) {
	if n > uint64(len(u.b)-u.at) {
		return nil, errPickleEnd
	}
	out := u.b[u.at : u.at+int(n)]
	u.at += int(n)
	return out, nil
}

func (u *unpickler) do(op byte) error {
	switch op {
	case opShortBinUnicode:
		return u.text(1)
	case opBinUnicode:
		return u.text(4)
	case opBinUnicode8:
		return u.text(8)
	case opProto, opBinPut:
		return u.skip(1)
	case opLongBinPut:
		return u.skip(4)
	case opFrame:
		return u.skip(8)
	case opMemoize:
		return nil
	case opEmptyDict:
		if u.dict != nil || len(u.pile) > 0 {
			return errors.New("a dict in a dict")
		}
		u.dict = map[string]string{}
		return nil
	case opMark:
		if u.dict == nil || u.mark || len(u.pile) > 0 {
			return errors.New("a mark out of place")
		}
		u.mark = true
		return nil
	case opSetItem:
		if u.mark || len(u.pile) != 2 {
			return errors.New("an item that is no pair")
		}
		return u.set()
	case opSetItems:
		if !u.mark || len(u.pile)%2 != 0 {
			return errors.New("items that are no pairs")
		}
		u.mark = false
		return u.set()
	}
	return fmt.Errorf("opcode %#x is none of a str's or of a dict's", op)
}

func (u *unpickler) skip(n uint64) error {
	_, err := u.take(n)
	return err
}

// text reads a str whose length takes so many bytes.
func (u *unpickler) text(width uint64) error {
	size, err := u.take(width)
	if err != nil {
		return err
	}
	var n [8]byte
	copy(n[:], size)
	s, err := u.take(binary.LittleEndian.Uint64(n[:]))
	if err != nil {
		return err
	}
	if len(u.pile) == maxStack {
		return fmt.Errorf("more than %d texts", maxStack)
	}
	u.pile = append(u.pile, string(s))
	return nil
}

// set moves the pairs on the pile into the dict.
func (u *unpickler) set() error {
	if u.dict == nil {
		return errors.New("items of no dict")
	}
	for i := 0; i+1 < len(u.pile); i += 2 {
		u.dict[u.pile[i]] = u.pile[i+1]
	}
	u.pile = u.pile[:0]
	return nil
}

func (u *unpickler) result() (pickled, error) {
	switch {
	case u.at != len(u.b):
		return pickled{}, errors.New("something after the end")
	case u.dict != nil && !u.mark && len(u.pile) == 0:
		return pickled{dict: u.dict}, nil
	case u.dict == nil && len(u.pile) == 1:
		return pickled{text: u.pile[0]}, nil
	}
	return pickled{}, errors.New("neither a str nor a dict of them")
}
