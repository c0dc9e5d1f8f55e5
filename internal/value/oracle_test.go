package value

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oracle is a Python that answers as testdata/oracle.py says.
type oracle struct {
	t   *testing.T
	in  io.WriteCloser
	out io.Reader
}

func startOracle(t *testing.T) *oracle {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on this machine to compare with")
	}
	cmd := exec.Command(path, "-I", "testdata/oracle.py")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("python3: %v\n%s", err, stderr.String())
		}
	})
	return &oracle{t, in, out}
}

// ask sends a request and gives the answer, which has no tags of its own.
func (o *oracle) ask(operation byte, argument []byte) Value {
	o.t.Helper()
	request := binary.LittleEndian.AppendUint32(nil, uint32(len(argument)+1))
	request = append(append(request, operation), argument...)
	if _, err := o.in.Write(request); err != nil {
		o.t.Fatal(err)
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(o.out, head); err != nil {
		o.t.Fatalf("%q: %v", argument, err)
	}
	answer := make([]byte, binary.LittleEndian.Uint32(head))
	if _, err := io.ReadFull(o.out, answer); err != nil {
		o.t.Fatal(err)
	}
	d, err := newDecoder(answer, Bounds{})
	if err != nil {
		o.t.Fatal(err)
	}
	d.tagged = true
	v, err := d.run()
	if err != nil {
		o.t.Fatal(err)
	}
	return v
}

// sameValue compares types and bits, where Equal compares as Python does.
var sameValue = cmp.Options{cmpBig, cmp.Comparer(func(a, b Float) bool {
	return a != a && b != b || math.Float64bits(float64(a)) == math.Float64bits(float64(b))
})}

func TestAsPython(t *testing.T) {
	o := startOracle(t)
	r := newRandom(1)
	var equal int
	for range 6000 {
		a := r.value(4)
		b := r.value(4)
		if r.IntN(3) > 0 {
			b = r.twin(a)
		}
		answer := o.ask('v', AppendTagged(nil, List{a, b})).(Tuple)
		checkEqual(t, a, b, bool(answer[0].(Bool)))
		if answer[0] == Bool(true) {
			equal++
		}
		if got := Repr(a, 1<<20); hasOneRepr(a) && got != string(answer[2].(Str)) {
			t.Errorf("repr:\n got %s\nwant %s", got, answer[2])
		}
		if raw, ok := answer[3].(Bytes); ok && isPlain(a) {
			back, err := Decode([]byte(raw), Bounds{})
			checkBack(t, a, back, err)
			if dumped, err := AppendMarshal(nil, back); err != nil || string(dumped) != string(raw) {
				t.Errorf("marshal: got %q, %v, want %q", dumped, err, raw)
			}
		}
		back, err := decodeTagged([]byte(answer[4].(Bytes)), Bounds{})
		checkBack(t, a, back, err)
	}
	if equal < 1000 {
		t.Errorf("only %d pairs were equal: the cases are too far apart", equal)
	}
}

// checkEqual holds Equal and Digest against Python's answer.
func checkEqual(t *testing.T, a, b Value, want bool) {
	t.Helper()
	for _, pair := range [][2]Value{{a, b}, {b, a}} {
		if got, err := Equal(nil, pair[0], pair[1]); err != nil || got != want {
			t.Errorf("%s == %s: got %v, %v, want %v", Repr(pair[0], 300), Repr(pair[1], 300), got, err, want)
		}
	}
	digestA, errA := Digest(nil, a)
	digestB, errB := Digest(nil, b)
	if errA != nil || errB != nil {
		t.Errorf("digest: %v, %v", errA, errB)
	}
	if same := digestA == digestB; same != want && (Decisive(a) || Decisive(b)) {
		t.Errorf("%s and %s: digests same %v, want %v", Repr(a, 300), Repr(b, 300), same, want)
	}
}

// checkBack holds a value that Python sent back against what it was sent. Only
// the order in sets may differ.
func checkBack(t *testing.T, sent, back Value, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s came back wrong: %v", Repr(sent, 300), err)
		return
	}
	if hasOneRepr(sent) {
		if diff := cmp.Diff(sent, back, sameValue); diff != "" {
			t.Errorf("%s came back as another: -sent +back\n%s", Repr(sent, 300), diff)
		}
	}
	if same, err := Equal(nil, sent, back); err != nil || same == HasNaN(sent) && !contains(sent, isCounter) {
		t.Errorf("%s came back as %s: %v", Repr(sent, 300), Repr(back, 300), err)
	}
}

// isCounter: a Counter that counts a NaN 0 times equals one that has it not.
func isCounter(v Value) bool { return isType(v, counter) }

// isPlain reports whether the plain form has v.
func isPlain(v Value) bool {
	return !contains(v, func(v Value) bool { return is[Typed](v) || is[Bytes](v) })
}

// hasOneRepr reports whether v's repr does not depend on hashes and is told by plain types.
func hasOneRepr(v Value) bool {
	return !contains(v, func(v Value) bool { return is[Typed](v) || len(elementsOfSet(v)) > 1 })
}

func elementsOfSet(v Value) []Value {
	if is[Set](v) || is[frozenSet](v) {
		return elements(v)
	}
	return nil
}

func TestReprAsPython(t *testing.T) {
	o := startOracle(t)
	r := newRandom(5)
	check := func(v Value) {
		answer := o.ask('v', AppendTagged(nil, List{v, None{}})).(Tuple)
		if got, want := Repr(v, 1<<24), string(answer[2].(Str)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for range 2000 {
		f := math.Float64frombits(r.Uint64())
		check(Float(f))
		check(Float(float64(r.IntN(2_000_000)-1_000_000) / math.Pow(10, float64(r.IntN(20)))))
		check(Complex(complex(f, float64(r.IntN(5)-2))))
	}
	// Blocks to which Unicode has long added nothing.
	for _, block := range [][2]rune{{0, 0x250}, {0x2000, 0x2070}, {0x3000, 0x3040}, {0xfff0, 0x10000}} {
		for c := block[0]; c < block[1]; c++ {
			check(Str(string(c)))
		}
	}
}

func TestJSONAsPython(t *testing.T) {
	o := startOracle(t)
	r := newRandom(2)
	var invalid int
	for range 6000 {
		text := r.json(3)
		if r.IntN(4) == 0 {
			at := r.IntN(len(text))
			text = text[:at] + text[at+1:]
		}
		answer := o.ask('j', []byte(text))
		got, wrong := ParseJSON([]byte(text))
		if tuple, ok := answer.(Tuple); ok && tuple[0] == Str("invalid") {
			invalid++
			if wrong == nil {
				t.Errorf("%q: got %s, Python refuses it", text, Repr(got, 300))
			}
			continue
		}
		want, err := newKeyer(nil).untag(answer)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, sameValue); wrong != nil || diff != "" {
			t.Errorf("%q: %v -want +got\n%s", text, wrong, diff)
		}
	}
	if invalid < 300 {
		t.Errorf("only %d texts were invalid", invalid)
	}
}

var jsonAtoms = []string{
	"null", "true", "false", "NaN", "Infinity", "-Infinity", "0", "-0", "1", "-12", "00", "01", "1.", ".5", "-", "+1", "1e5", "1E+5",
	"1e-5", "1e", "1.5e400", "-0.0", "0.1", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
	"123456789012345678901234567890", `""`, `"a"`, `"\u00e9\n\/\"\\"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83d\ud83d\ude00"`, `"\ude00\ud83d"`,
	`"\ud83d\u0041"`, `"\ud83dx"`, `"\u12g4"`, `"\x41"`, "\"\t\"", `"é😀"`, "\"\x7f\"", `'a'`, "nul", "Nan", "-NaN", "\u00a01",
}

// json gives a JSON text, or nearly one.
func (r random) json(depth int) string {
	kind := r.IntN(4)
	if depth == 0 || kind == 0 {
		return jsonAtoms[r.IntN(len(jsonAtoms))]
	}
	open, end, text := "[", "]", ""
	if kind == 1 {
		open, end = "{", "}"
	}
	for i := range r.IntN(4) {
		if i > 0 {
			text += []string{",", " ,", ", "}[r.IntN(3)]
		}
		if kind == 1 {
			text += []string{`"a":`, ` "b" : `, "\"\\u0061\"\n:\t"}[r.IntN(3)]
		}
		text += r.json(depth - 1)
	}
	return open + text + end
}
