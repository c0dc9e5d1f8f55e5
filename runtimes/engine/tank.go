package engine

import "math"

// Tank keeps the books of an instance's fuel over several fillings. The meter
// itself is the guest's global, which the engine reads and passes in as left.
type Tank struct {
	filled uint64 // the current filling
	spent  uint64 // used of all fillings before it
}

// Fill starts a new filling of n (at most MaxInt64) and returns what to set the
// meter to.
func (t *Tank) Fill(n uint64, left int64) int64 {
	t.spent = t.Used(left)
	t.filled = min(n, math.MaxInt64)
	return int64(t.filled)
}

// Used is the fuel used over all fillings; an empty tank used its filling whole.
func (t *Tank) Used(left int64) uint64 { return t.spent + t.used(left) }

// SetUsed makes Used count on from n.
func (t *Tank) SetUsed(n uint64, left int64) { t.spent = n - t.used(left) }

func (t *Tank) used(left int64) uint64 {
	if left < 0 {
		return t.filled
	}
	return t.filled - uint64(left)
}

// Charge takes n from left. False means that the tank is empty now.
func Charge(left int64, n uint64) (int64, bool) {
	if left < 0 || n > uint64(left) {
		return -1, false
	}
	return left - int64(n), true
}
