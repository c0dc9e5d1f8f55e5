package engine

import (
	"math"
	"testing"
)

func TestTank(t *testing.T) {
	type step struct {
		fill uint64 // a new filling, where not 0
		left int64  // what the meter shows then
		used uint64 // what Used must say
	}
	tests := map[string][]step{
		"one filling":                  {{100, 100, 0}, {0, 40, 60}, {0, 0, 100}},
		"an empty tank used it whole":  {{100, -1, 100}, {0, -500, 100}},
		"fillings add up":              {{100, 40, 60}, {100, 100, 60}, {0, 99, 61}, {7, 7, 61}, {0, -3, 68}},
		"a filling after a failed one": {{100, -1, 100}, {50, 50, 100}, {0, 20, 130}},
		"more than a meter shows":      {{math.MaxUint64, math.MaxInt64, 0}, {0, math.MaxInt64 - 5, 5}},
	}
	for name, steps := range tests {
		var tank Tank
		left := int64(0)
		for n, s := range steps {
			if s.fill != 0 {
				if got := tank.Fill(s.fill, left); got < s.left {
					t.Errorf("%s, step %d: the meter is set to %d", name, n, got)
				}
			}
			left = s.left
			if got := tank.Used(left); got != s.used {
				t.Errorf("%s, step %d: used %d, want %d", name, n, got, s.used)
			}
		}
	}
}

func TestSetUsed(t *testing.T) {
	var tank Tank
	tank.Fill(100, 0)
	tank.SetUsed(1000, 60)
	if got := tank.Used(50); got != 1010 {
		t.Errorf("used %d, want 1010", got)
	}
}

func TestCharge(t *testing.T) {
	for _, tt := range []struct {
		left int64
		n    uint64
		want int64
		ok   bool
	}{
		{10, 0, 10, true}, {10, 9, 1, true}, {10, 10, 0, true}, {10, 11, -1, false},
		{0, 0, 0, true}, {0, 1, -1, false}, {-1, 0, -1, false}, {-7, 5, -1, false},
		{10, math.MaxUint64, -1, false}, {math.MaxInt64, 1 << 63, -1, false}, {math.MaxInt64, math.MaxInt64, 0, true},
	} {
		if left, ok := charge(tt.left, tt.n); left != tt.want || ok != tt.ok {
			t.Errorf("charge %d of %d: %d, %v; want %d, %v", tt.n, tt.left, left, ok, tt.want, tt.ok)
		}
	}
}
