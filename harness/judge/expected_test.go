package judge

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

func sampleExpected() *Expected {
	return &Expected{
		Fuel: 1, TestFuel: 1 << 50, Test: []byte("code"),
		Transcript: &runtimes.Transcript{Pages: 3, Output: 1 << 40, Exchanges: []runtimes.Exchange{
			{Call: []byte("f(1)"), Answer: []byte("2")}, {Call: []byte("f()"), Answer: []byte{}},
		}},
		Sets: []expectedSet{
			{Load: 300, Wants: []Want{
				{Fuel: 7, Pieces: []Piece{{Frame: [32]byte{1}}}, Exact: true, Kept: []byte("kept")},
				{Fuel: 1 << 40, Pieces: []Piece{{Frame: [32]byte{2}, Digest: [32]byte{3}}, {Frame: [32]byte{4}, Digest: [32]byte{5}}}, Exact: true, Shown: "[0, 1, …"},
			}},
			{Load: 1, Whole: true, Wants: []Want{{Turns: true, Tagged: true, Pieces: []Piece{{Frame: [32]byte{6}}}, Kept: []byte{}}}},
		},
	}
}

func encoded(t testing.TB, e *Expected) []byte {
	t.Helper()
	data, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestExpectedSurvivesEncoding(t *testing.T) {
	want := sampleExpected()
	got, err := decodeExpected(encoded(t, want), []int{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got.total() != 1+1<<50+300+7+1<<40+1 {
		t.Errorf("total fuel %d", got.total())
	}
}

func FuzzDecodeExpected(f *testing.F) {
	good := encoded(f, sampleExpected())
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(append(good[:len(good):len(good)], 0))
	f.Add(encoded(f, &Expected{Sets: sampleExpected().Sets}))
	f.Add([]byte("\x85\x00\x00\x9b\x40\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := decodeExpected(data, []int{2, 1})
		if err != nil {
			return
		}
		if len(e.Sets) != 2 || len(e.Sets[0].Wants) != 2 || len(e.Sets[1].Wants) != 1 {
			t.Fatalf("accepted with other sizes: %+v", e)
		}
		again, err := decodeExpected(encoded(t, e), []int{2, 1})
		if err != nil || !reflect.DeepEqual(again, e) {
			t.Errorf("%+v encodes to %+v (%v)", e, again, err)
		}
	})
}

func TestExpectedIsNotForAnotherShape(t *testing.T) {
	data := encoded(t, sampleExpected())
	for _, sizes := range [][]int{nil, {2}, {2, 2}, {1, 1}, {2, 1, 0}} {
		if e, err := decodeExpected(data, sizes); err == nil {
			t.Errorf("read for sets of %v: %+v", sizes, e)
		}
	}
	for n := range data {
		if e, err := decodeExpected(data[:n], []int{2, 1}); err == nil {
			t.Fatalf("read from the first %d of %d bytes: %+v", n, len(data), e)
		}
	}
}

// What a cache gives back may be anything; the worst of it costs time.
func TestDamagedExpectedValuesAreMadeAnew(t *testing.T) {
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := problem(t, "humaneval+", task{Base: inputs(1, 2)})
	for _, damage := range []string{"", "garbage", string(encoded(t, sampleExpected()))} {
		rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: double}}
		j := newJudge(t, Config{Runner: rt, Cache: store, Fresh: true})
		if err := store.Put(cache.Expected, j.expectedKey(p), []byte(damage)); err != nil {
			t.Fatal(err)
		}
		if rec := judgeOne(t, j, p, canonical); rec.Verdict != harness.Pass {
			t.Errorf("%q in the cache: %s: %+v", damage, rec.Verdict, rec.Failure)
		}
		if rt.ran[canonical] != 4 { // on two sets for the expected values, on two as the sample
			t.Errorf("%q in the cache: ran %d times, want 4", damage, rt.ran[canonical])
		}
		if _, err := j.recallExpected(j.expectedKey(p), p); err != nil {
			t.Errorf("%q in the cache was not replaced: %v", damage, err)
		}
	}
}

func TestDamagedVerdictsAreJudgedAnew(t *testing.T) {
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := problem(t, "humaneval+", task{Base: inputs(1)})
	rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: double}}
	id := newJudge(t, Config{Runner: rt}).Identity(p, "sample")
	for _, damage := range []string{"", "{", `{"verdict":"pass"}`, `{"version":99,"identity":"` + id + `","verdict":"pass"}`} {
		if err := store.Put(cache.Verdicts, id, []byte(damage)); err != nil {
			t.Fatal(err)
		}
		if rec := judgeOne(t, newJudge(t, Config{Runner: rt, Cache: store}), p, "sample"); rec.Verdict != harness.SyntaxError {
			t.Errorf("%q in the cache: %s, want %s", damage, rec.Verdict, harness.SyntaxError)
		}
	}
}

func TestLargeValuesAreNotKept(t *testing.T) {
	p := problem(t, "humaneval+", task{Base: inputs(1, 5000)})
	rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: returns(func(v value.Value) value.Value {
		return value.Str(strings.Repeat("x", int(v.(value.Small))))
	})}}
	j := newJudge(t, Config{Runner: rt})
	prep, err := j.prepare(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	wants := prep.expected.Sets[0].Wants
	if wants[0].Kept == nil || wants[1].Kept != nil {
		t.Errorf("kept %d and %d bytes, want only the small value", len(wants[0].Kept), len(wants[1].Kept))
	}
	if n := len(wants[1].Shown); n == 0 || n > shownBytes {
		t.Errorf("%d bytes are shown of the large value", n)
	}
}

func TestCost(t *testing.T) {
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	few := problem(t, "humaneval+", task{Base: inputs(1)})
	many := problem(t, "humaneval+", task{Base: inputs(1, 2, 3)})
	rt := &fakeRuntime{cases: map[string]fakeProgram{canonical: double}}
	j := newJudge(t, Config{Runner: rt, Cache: store})
	if j.Cost(few) >= j.Cost(many) {
		t.Errorf("guessed %d for one input, %d for three", j.Cost(few), j.Cost(many))
	}
	if err := j.Prepare(context.Background(), few); err != nil {
		t.Fatal(err)
	}
	for name, j := range map[string]*Judge{"once prepared": j, "from the cache": newJudge(t, Config{Runner: rt, Cache: store})} {
		if got := j.Cost(few); got != 1000+100+1001 {
			t.Errorf("%s: cost %d, want 2101", name, got)
		}
	}
}

func TestRecentLetsGoOfTheOldest(t *testing.T) {
	r := newRecent[string](10)
	r.put("a", "A", 4)
	r.put("b", "B", 4)
	r.get("a")
	r.put("c", "C", 4)
	for key, want := range map[string]bool{"a": true, "b": false, "c": true} {
		if _, ok := r.get(key); ok != want {
			t.Errorf("%s is there: %v, want %v", key, ok, want)
		}
	}
	r.put("c", "C again", 20)
	if v, ok := r.get("c"); !ok || v != "C again" || r.order.Len() != 1 || r.total != 20 {
		t.Errorf("the newest isn't there: %q, %d entries of %d bytes", v, r.order.Len(), r.total)
	}
}
