package harness

import (
	"slices"
	"testing"
)

func TestCompareTasksOrdersNumbersAsNumbers(t *testing.T) {
	want := []string{"", "HumanEval/0", "HumanEval/2", "HumanEval/10", "HumanEval/10a", "Mbpp/02", "Mbpp/2", "Mbpp/2/1", "Mbpp/99999999999999999999999", "Mbpp/x"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, CompareTasks)
	if !slices.Equal(got, want) {
		t.Errorf("sorted to %q, want %q", got, want)
	}
}

func FuzzCompareTasks(f *testing.F) {
	f.Add("Mbpp/9", "Mbpp/10", "Mbpp/010")
	f.Add("", "0", "00")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if CompareTasks(a, b) != -CompareTasks(b, a) {
			t.Errorf("%q and %q: the order depends on which comes first", a, b)
		}
		if (CompareTasks(a, b) == 0) != (a == b) {
			t.Errorf("%q and %q: equal in order, but not the same", a, b)
		}
		if CompareTasks(a, b) <= 0 && CompareTasks(b, c) <= 0 && CompareTasks(a, c) > 0 {
			t.Errorf("%q, %q, %q: not transitive", a, b, c)
		}
	})
}
