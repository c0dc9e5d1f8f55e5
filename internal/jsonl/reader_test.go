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
		{"a byte order mark", "\ufeffa\n\ufeffb\n", []string{"a", "\ufeffb"}, []int{1, 2}},
		{"a byte order mark, gzipped", gzipped(t, "\ufeffa"), []string{"a"}, []int{1}},
		{"a byte order mark alone", "\ufeff", nil, nil},
		{"blank ones, as many as there may be", strings.Repeat("\n", maxBlank) + "a", []string{"a"}, []int{maxBlank + 1}},
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
		{"blank lines", "a\n" + strings.Repeat("\r\n", 1+maxBlank/2), Bounds{}, "f:524290: more than 1048576 bytes of blank lines"},
		{"blank lines between others", strings.Repeat("a\n"+strings.Repeat(" ", 1023)+"\n", 1025), Bounds{}, "f:2050: more than 1048576 bytes of blank lines"},
		{"blank lines, gzipped", gzipped(t, strings.Repeat("\n", 2*maxBlank)), Bounds{}, "f:1048577: more than 1048576 bytes of blank lines"},
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

// TestRatio: what unpacks to hundreds of times its size is refused soon, whatever
// is in it; as much text that says something is not.
func TestRatio(t *testing.T) {
	one := gzipped(t, strings.Repeat(strings.Repeat("x", 1023)+"\n", 1<<14)) // 16 MiB
	r, err := NewReader("f", strings.NewReader(strings.Repeat(one, 100)), Bounds{})
	for err == nil {
		_, _, err = r.Next()
	}
	if want := "the gzip data unpacks to more than 200 times what it is"; !strings.HasPrefix(err.Error(), "f:") || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	if r.total > freeBytes+1<<20 {
		t.Errorf("%d bytes were unpacked", r.total)
	}
}

// TestSalvage: a line that is too long or no text is told of, and those around it
// are read.
func TestSalvage(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	r, err := NewReader("f", strings.NewReader("a\n"+long+"\nb\n\xff\n"+long[:53]+"\nc\n"+long), Bounds{Line: 50})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line, err := range r.Salvage() {
		if err != nil && !IsDamaged(err) {
			t.Fatal(err)
		}
		if err != nil {
			line = []byte(err.Error())
		}
		got = append(got, string(line))
	}
	want := []string{"a", "f:2: the line is longer than 50 bytes", "b", "f:4: byte 1 of the line is not valid UTF-8",
		"f:5: the line is longer than 50 bytes", "c", "f:7: the line is longer than 50 bytes"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	var d Damage
	for range 7 {
		d.Add(errEarly)
	}
	if got := strings.Join(d.Notices("so what"), "\n"); !strings.HasPrefix(got, "it ends early: so what\n") || !strings.HasSuffix(got, "\nand so with 2 more lines") {
		t.Errorf("got %s", got)
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
