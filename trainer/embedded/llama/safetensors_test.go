package llama

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestThereAndBack(t *testing.T) {
	dir := t.TempDir()
	a, b := Tensor{"a", []int{2, 2}, []float32{1, -2.5, 3e-30, 4}}, Tensor{"b", []int{1}, []float32{7}}
	texts := map[string]string{"format": "pt"}
	for name, tensors := range map[string][]Tensor{"one": {a, b}, "two": {b, a}} {
		if err := WriteTensors(filepath.Join(dir, name), tensors, texts); err != nil {
			t.Fatal(err)
		}
	}
	one, _ := os.ReadFile(filepath.Join(dir, "one"))
	two, _ := os.ReadFile(filepath.Join(dir, "two"))
	if !bytes.Equal(one, two) || len(one)%8 != 4 { // five numbers
		t.Errorf("the same tensors: %d and %d bytes", len(one), len(two))
	}
	f, err := OpenTensors(filepath.Join(dir, "one"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]float32, 4)
	if err := f.Read("a", []int{2, 2}, got); err != nil || !slices.Equal(got, a.Data) {
		t.Errorf("a is %v, %v", got, err)
	}
	if f.Numbers() != 5 {
		t.Errorf("%d numbers", f.Numbers())
	}
	if f.Texts["format"] != "pt" || !slices.Equal(slices.Sorted(maps.Keys(f.entries)), []string{"a", "b"}) {
		t.Errorf("%v, %v", f.Texts, f.entries)
	}
	for says, err := range map[string]error{
		"no tensor c":                    f.Read("c", []int{1}, got[:1]),
		"the shape of a is [2 2]":        f.Read("a", []int{4}, got),
		"one: b has 1 numbers, not 2":    f.Read("b", []int{1}, got[:2]),
		"the model's config says [2 1 1": f.Read("b", []int{2, 1, 1}, got[:2]),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %s", err, says)
		}
	}
}

func file(header, data string) []byte {
	return append([]byte{byte(len(header)), byte(len(header) >> 8), 0, 0, 0, 0, 0, 0}, header+data...)
}

func TestBadFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad")
	for _, c := range []struct {
		data []byte
		says string
	}{
		{nil, "too short"},
		{[]byte("GGUF, which is something else"), "no file of tensors"},
		{file(`{`, ""), "its header"},
		{file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "123"), "cut or damaged"},
		{file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "12345"), "the file has 5"},
		{file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), "belongs to none"},
		{file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), "or to two"},
		{file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, ""), "cut or damaged"},
		{file(`{"__metadata__":[]}`, ""), "its header's texts"},
		{file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, "1234"), "the shape [2] does not fit 4 bytes"},
		{file(`{"a":{"dtype":"I8","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}`, ""), "does not fit 0 bytes"},
		{file(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, "1234"), "does not fit"},
	} {
		if err := os.WriteFile(path, c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenTensors(path); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %s", c.data, err, c.says)
		}
	}
	if err := os.WriteFile(path, file(`{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`, "1234"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := OpenTensors(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Read("a", []int{2}, make([]float32, 2)); err == nil || !strings.Contains(err.Error(), "BF16") {
		t.Errorf("%v", err)
	}
}

// FuzzOpen reads any file: it is refused, or its tensors can be read.
func FuzzOpen(f *testing.F) {
	f.Add(file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234"))
	f.Add(file(`{}`, ""))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := OpenTensors(path)
		if err != nil {
			return
		}
		defer s.Close()
		for name, e := range s.entries {
			n := (e.Offsets[1] - e.Offsets[0]) / 4
			if e.Type == "F32" {
				if err := s.Read(name, e.Shape, make([]float32, n)); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here: ", err)
	}
	if err := WriteTensors("/dev/full", []Tensor{{"a", []int{1}, []float32{1}}}, nil); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v", err)
	}
}
