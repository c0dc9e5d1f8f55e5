package llama

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/plainfile"
)

// Tensor is a tensor of float32, which files call F32.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// maxHeader bounds a header, in bytes: the format's own bound.
const maxHeader = 100 << 20

type entry struct {
	Type    string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

const metadata = "__metadata__"

// WriteTensors writes tensors in the order of their names, with some texts by name.
func WriteTensors(path string, tensors []Tensor, texts map[string]string) error {
	tensors = slices.SortedFunc(slices.Values(tensors), func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	header := map[string]any{}
	if len(texts) > 0 {
		header[metadata] = texts
	}
	at := int64(0)
	for _, t := range tensors {
		end := at + 4*int64(len(t.Data))
		header[t.Name] = entry{"F32", t.Shape, [2]int64{at, end}}
		at = end
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	for len(text)%8 != 0 { // so that the numbers are aligned
		text = append(text, ' ')
	}
	f, err := atomicfile.Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := errors.Join(binary.Write(f, binary.LittleEndian, uint64(len(text))), writeAll(f, text, tensors)); err != nil {
		return err
	}
	return f.Commit()
}

func writeAll(out io.Writer, header []byte, tensors []Tensor) error {
	if _, err := out.Write(header); err != nil {
		return err
	}
	var number [4]byte
	for _, t := range tensors {
		for _, x := range t.Data {
			binary.LittleEndian.PutUint32(number[:], math.Float32bits(x))
			if _, err := out.Write(number[:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// TensorFile is an open file of tensors.
type TensorFile struct {
	Texts map[string]string

	path    string
	file    *os.File
	start   int64
	entries map[string]entry
}

// OpenTensors reads a file's header.
func OpenTensors(path string) (*TensorFile, error) {
	f, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return nil, err
	}
	s := &TensorFile{path: path, file: f.File, entries: map[string]entry{}}
	if err := s.header(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return s, nil
}

// Close closes it.
func (s *TensorFile) Close() error { return s.file.Close() }

func (s *TensorFile) header() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	var length uint64
	if err := binary.Read(s.file, binary.LittleEndian, &length); err != nil {
		return errors.New("it is too short for a file of tensors")
	}
	if length > maxHeader || int64(length) > info.Size()-8 {
		return fmt.Errorf("its header has %d bytes, and the file %d: it is no file of tensors, or was cut", length, info.Size())
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(s.file, text); err != nil {
		return err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return fmt.Errorf("its header: %w", err)
	}
	s.start = 8 + int64(length)
	for name, member := range members {
		if name == metadata {
			if err := json.Unmarshal(member, &s.Texts); err != nil {
				return fmt.Errorf("its header's texts: %w", err)
			}
			continue
		}
		var e entry
		if err := json.Unmarshal(member, &e); err != nil {
			return fmt.Errorf("its header, %s: %w", name, err)
		}
		if err := e.check(); err != nil {
			return fmt.Errorf("its header, %s: %w", name, err)
		}
		s.entries[name] = e
	}
	return s.places(info.Size() - s.start)
}

// numbers is how many the shape says; -1: more than any file has.
func (e entry) numbers() int64 {
	n := int64(1)
	for _, d := range e.Shape {
		if d < 0 || d > 0 && n > math.MaxInt64/8/int64(d) {
			return -1
		}
		n *= int64(d)
	}
	return n
}

// check holds shape and place of numbers that are read here against each other.
func (e entry) check() error {
	n := e.numbers()
	if n < 0 || e.Type == "F32" && e.Offsets[1]-e.Offsets[0] != 4*n {
		return fmt.Errorf("the shape %v does not fit %d bytes", e.Shape, e.Offsets[1]-e.Offsets[0])
	}
	return nil
}

// places checks that the tensors fill the file without gap or overlap.
func (s *TensorFile) places(size int64) error {
	var spans [][2]int64
	for name, e := range s.entries {
		if e.Offsets[0] < 0 || e.Offsets[1] < e.Offsets[0] || e.Offsets[1] > size {
			return fmt.Errorf("%s is from byte %d to %d of %d: the file was cut or damaged", name, e.Offsets[0], e.Offsets[1], size)
		}
		if e.Offsets[0] < e.Offsets[1] {
			spans = append(spans, e.Offsets)
		}
	}
	slices.SortFunc(spans, func(a, b [2]int64) int { return int(min(1, max(-1, a[0]-b[0]))) })
	at := int64(0)
	for _, span := range spans {
		if span[0] != at {
			return fmt.Errorf("byte %d of its tensors belongs to none, or to two", at)
		}
		at = span[1]
	}
	if at != size {
		return fmt.Errorf("its tensors end at byte %d, and the file has %d for them", at, size)
	}
	return nil
}

// Read reads a tensor of the given shape into data.
func (s *TensorFile) Read(name string, shape []int, data []float32) error {
	e, ok := s.entries[name]
	n := 1
	for _, d := range shape {
		n *= d
	}
	switch {
	case !ok:
		return fmt.Errorf("%s has no tensor %s", s.path, name)
	case e.Type != "F32":
		return fmt.Errorf("%s: %s is %s, and F32 is read here: convert it first", s.path, name, e.Type)
	case !slices.Equal(e.Shape, shape):
		return fmt.Errorf("%s: the shape of %s is %v, and the model's config says %v", s.path, name, e.Shape, shape)
	case len(data) != n:
		return fmt.Errorf("%s: %s has %d numbers, not %d", s.path, name, n, len(data))
	}
	in := bufio.NewReaderSize(io.NewSectionReader(s.file, s.start+e.Offsets[0], 4*int64(n)), 1<<16)
	var number [4]byte
	for i := range data {
		if _, err := io.ReadFull(in, number[:]); err != nil {
			return fmt.Errorf("%s: %s: %w", s.path, name, err)
		}
		data[i] = math.Float32frombits(binary.LittleEndian.Uint32(number[:]))
	}
	return nil
}

// Numbers is how many numbers the tensors have together.
func (s *TensorFile) Numbers() int64 {
	total := int64(0)
	for _, e := range s.entries {
		total += e.numbers()
	}
	return total
}
