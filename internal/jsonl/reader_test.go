package jsonl

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func gzipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// readAll gives the lines and their numbers, up to the first error.
func readAll(data string, b Bounds) (lines []string, numbers []int, err error) {
	r, err := NewReader("f", strings.NewReader(data), b)
	for err == nil {
		var line []byte
		var n int
		if line, n, err = r.Next(); err == nil {
			lines, numbers = append(lines, string(line)), append(numbers, n)
		}
	}
	if err == io.EOF {
		err = nil
	}
	return lines, numbers, err
}

func TestReader(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for _, tt := range []struct {
		name, data string
		lines      []string
		numbers    []int
	}{
		{"nothing", "", nil, nil},
		{"lines", "a\nb\n", []string{"a", "b"}, []int{1, 2}},
		{"no end", "a\nb", []string{"a", "b"}, []int{1, 2}},
		{"blank ones", "\n \t\na\r\n\n\r\nb", []string{"a", "b"}, []int{3, 6}},
		{"longer than the buffer", long + "\n" + long, []string{long, long}, []int{1, 2}},
		{"gzipped", gzipped(t, "a\nb\n"), []string{"a", "b"}, []int{1, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines, numbers, err := readAll(tt.data, Bounds{})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(lines, tt.lines) || !slices.Equal(numbers, tt.numbers) {
				t.Errorf("got %d lines, numbers %v", len(lines), numbers)
			}
		})
	}
}

// endless is a line that never ends.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestReaderRefuses(t *testing.T) {
	whole := gzipped(t, strings.Repeat("abcdefgh\n", 10_000))
	for _, tt := range []struct {
		name, data string
		bounds     Bounds
		want       string
	}{
		{"a long line", "a\n" + strings.Repeat("x", 100), Bounds{Line: 50}, "f:2: the line is longer than 50 bytes"},
		{"a long file", "a\nb\nc\n", Bounds{Total: 4}, "f:3: the file is longer than 4 bytes"},
		{"what unpacks to a long file", gzipped(t, strings.Repeat("a\n", 1<<20)), Bounds{Total: 1000}, "f:501: the file is longer than 1000 bytes"},
		{"a cut gzip file", whole[:len(whole)-4], Bounds{}, "f:10001: damaged gzip data: it ends early"},
		{"a gzip header alone", whole[:5], Bounds{}, "f: damaged gzip data: it ends early"},
		{"a wrong gzip header", "\x1f\x8b\x00\x00\x00\x00\x00\x00\x00\x00\x00", Bounds{}, "f: damaged gzip data: gzip: invalid header"},
		{"bytes that are no UTF-8", "a\nb\xffc", Bounds{}, "f:2: byte 2 of the line is not valid UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readAll(tt.data, tt.bounds)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			var at *Error
			if !errors.As(err, &at) {
				t.Errorf("%T is no *Error", err)
			}
		})
	}
}

// TestReaderBounded: an endless line is refused before much of it was read.
func TestReaderBounded(t *testing.T) {
	in := &endless{}
	r, err := NewReader("f", in, Bounds{Line: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Next(); err == nil {
		t.Error("an endless line was read")
	}
	if in.read > 2<<20 {
		t.Errorf("%d bytes were read", in.read)
	}
}

// FuzzReader: lines come whole and within the bounds, packed or not.
func FuzzReader(f *testing.F) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
		f.Fatal(err)
	}
	if err := z.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(packed.Bytes())
	f.Add(packed.Bytes()[:20])
	f.Add([]byte("{}\n\n \n[]\r\n\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewReader("f", bytes.NewReader(data), Bounds{Line: 1000, Total: 10_000})
		total := 0
		for err == nil {
			var line []byte
			line, _, err = r.Next()
			if total += len(line); len(line) > 1000 || total > 10_000 || bytes.ContainsRune(line, '\n') {
				t.Fatalf("a line of %d bytes, %d in all", len(line), total)
			}
		}
		if err != io.EOF && !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("an error without a place: %v", err)
		}
	})
}
