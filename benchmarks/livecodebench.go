package benchmarks

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
)

// LiveCodeBench is the name of a suite with problems of the world's contests.
const LiveCodeBench = "livecodebench"

// lcbSeconds is what lcb_runner grants a test.
const lcbSeconds = 6

// liveCodeBench reads the rows of livecodebench/code_generation_lite, or those
// that SandboxFusion made of them. The problems are in the order of their ids, as
// lcb_runner has them.
func liveCodeBench(d *dataset) ([]*Problem, error) {
	var c collector
	err := d.eachLine(func(r row) error {
		read := lcbProblem
		if _, ours := r.fields["question_id"]; !ours && r.fields["content"] != nil {
			read = fusionProblem
		}
		p, err := read(r)
		if err != nil {
			return err
		}
		return c.add(r, p)
	})
	slices.SortStableFunc(c.problems, func(a, b *Problem) int { return cmp.Compare(a.ID, b.ID) })
	return c.problems, err
}

// lcbProblem reads a row as LiveCodeBench publishes it.
func lcbProblem(r row) (*Problem, error) {
	p := &Problem{}
	var metadata string
	c := &p.Contest
	err := r.strings(map[string]*string{
		"question_id": &p.ID, "question_content": &p.Statement, "question_title": &c.Title, "platform": &c.Platform,
		"contest_id": &c.ID, "contest_date": &c.Date, "starter_code": &c.Starter, "difficulty": &c.Difficulty, "metadata": &metadata,
	})
	if err != nil {
		return nil, err
	}
	if err := checkDate(c.Date); err != nil {
		return nil, fmt.Errorf("field %q: %w", "contest_date", err)
	}
	var meta struct {
		Func string `json:"func_name"`
	}
	if err := json.Unmarshal([]byte(metadata), &meta); err != nil {
		return nil, fmt.Errorf("field %q: %w", "metadata", err)
	}
	p.Tests, err = lcbTests(r)
	if err != nil {
		return nil, err
	}
	return p, asLCB(p, meta.Func)
}

// asLCB gives a problem the oracle, and the rules, that lcb_runner has for it: a
// function where one is named, else a program.
func asLCB(p *Problem, function string) error {
	p.Seconds, p.Before, p.Output = lcbSeconds, lcbImports, OutputRule{Name: Lines}
	if function == "" {
		p.Oracle = Stdio
		return nil
	}
	if !identifier.MatchString(function) {
		return fmt.Errorf("func_name: %s is no name of a function", jsonl.Quote(function))
	}
	p.Oracle, p.EntryPoint, p.Class, p.Rule.Special = Cases, function, "Solution", tupleAsList
	return nil
}

var identifier = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// lcbImports is what lcb_runner runs before every program (import_string in
// evaluation/testing_util.py), in one line: many a program relies on it.
var lcbImports = func() string {
	names := func(format, list string) (out []string) {
		for name := range strings.FieldsSeq(list) {
			out = append(out, fmt.Sprintf(format, name))
		}
		return out
	}
	lines := slices.Concat(
		names("from %s import *", "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json builtins typing"),
		names("import %s", "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json"),
		[]string{"sys.setrecursionlimit(50000)"})
	return strings.Join(lines, "; ") + "\n"
}()

// fields of a row that hold its tests, in the order that lcb_runner runs them.
var lcbTestFields = []string{"public_test_cases", "private_test_cases"}

// lcbTests leaves the tests where they are until they are asked for. A row
// without private tests has the public ones alone.
func lcbTests(r row) (*Tests, error) {
	if _, err := r.str(lcbTestFields[0]); err != nil {
		return nil, err
	}
	return r.tests(func(r row) ([]Test, error) {
		var all []Test
		for _, field := range lcbTestFields {
			if _, ok := r.fields[field]; !ok {
				continue
			}
			text, err := r.str(field)
			if err != nil {
				return nil, err
			}
			tests, err := lcbCases(text)
			if err != nil {
				return nil, fmt.Errorf("field %q: %w", field, err)
			}
			all = append(all, tests...)
		}
		return all, nil
	}), nil
}

// lcbCases reads one list of tests: JSON, or the same packed.
func lcbCases(text string) ([]Test, error) {
	if !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "[") {
		p, err := unpack(text)
		if err != nil {
			return nil, err
		}
		if p.dict != nil {
			return nil, errors.New("a dict is packed in it, want a text")
		}
		text = p.text
	}
	var cases []struct {
		Input, Output *string
		Type          string `json:"testtype"`
	}
	if err := json.Unmarshal([]byte(text), &cases); err != nil {
		return nil, err
	}
	out := make([]Test, len(cases))
	for i, c := range cases {
		if c.Input == nil || c.Output == nil {
			return nil, fmt.Errorf("test %d: input or output is missing", i)
		}
		if c.Type != "stdin" && c.Type != "functional" {
			return nil, fmt.Errorf("test %d: no tests are of the type %s", i, jsonl.Quote(c.Type))
		}
		out[i] = Test{*c.Input, *c.Output}
	}
	return out, nil
}

// lcbFiles are those of livecodebench/code_generation_lite, one for each release,
// with what it added.
var lcbFiles = []struct {
	File
	problems int
}{
	{File{"test.jsonl", lcbURL + "test.jsonl", 1_252_609_773, "2bd02b38beb48e8c46b5b9987095d999ff38cd8efc255ea5d58974317c48f63f"}, 400},
	{File{"test2.jsonl", lcbURL + "test2.jsonl", 713_377_060, "095df7c5daf15f882c51a9deb84085cff1e073495a5dbcf95015a564d485f3a3"}, 111},
	{File{"test3.jsonl", lcbURL + "test3.jsonl", 623_360_766, "28ed26cc83363ce3f1fe2d5fad9f8393077beb1907b167a31bd3b32f80801b79"}, 101},
	{File{"test4.jsonl", lcbURL + "test4.jsonl", 1_204_644_685, "d711138ddaebfcf5f8ec6a4283ee677298c0f5c5d374a235af92aaf0584510da"}, 101},
	{File{"test5.jsonl", lcbURL + "test5.jsonl", 557_699_297, "7f77571c2a6df0c2a72a3277650309f67e01e0008e18117e624633df53f81214"}, 167},
	{File{"test6.jsonl", lcbURL + "test6.jsonl", 134_303_240, "bb4c364f71921c4495a6ad15abe1a927350b720009f4933e2e71f8af0f6fd1f5"}, 175},
}

const lcbURL = "https://huggingface.co/datasets/livecodebench/code_generation_lite/resolve/0fe84c3912ea0c4d4a78037083943e8f0c4dd505/"

// lcbInfo is the version that has the files from one to another, both included,
// from 1; or none.
func lcbInfo(version string, from, to int) Info {
	i := Info{
		Name: LiveCodeBench, Version: version, Sets: baseOnly,
		Licence: "CC", Origin: "livecodebench/code_generation_lite", format: liveCodeBench, Python: lcbPython,
		folders: []string{".", LiveCodeBench, "code_generation_lite"}, asItLies: true,
	}
	for _, f := range lcbFiles[from-1 : to] {
		i.Problems += f.problems
		i.Files = append(i.Files, f.File)
	}
	return i
}

// lcbReleases are the versions that the catalogue lists: all problems up to a
// release. The last one is the default.
func lcbReleases() []Info {
	var out []Info
	for n := len(lcbFiles); n > 0; n-- {
		i := lcbInfo(fmt.Sprintf("release_v%d", n), 1, n)
		i.Default = n == len(lcbFiles)
		out = append(out, i)
	}
	return out
}

var lcbWindow = regexp.MustCompile(`^v([1-6])(?:_v([1-6]))?$`)

// lcbVersion is what lcb_runner calls v5 or v4_v6, what one release, or some in a
// row, added; or another version, of which no file is known.
func lcbVersion(version string) Info {
	if m := lcbWindow.FindStringSubmatch(version); m != nil {
		from, _ := strconv.Atoi(m[1])
		to, err := strconv.Atoi(m[2])
		if err != nil {
			to = from
		}
		if from <= to {
			return lcbInfo(version, from, to)
		}
	}
	return lcbInfo(version, 1, 0)
}

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
	raw, err := plainfile.ReadAll(z, maxPacked)
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
