package score

import "math"

// PassAtK estimates, without bias, the chance that at least one of k samples
// is correct, from n samples of which c were: 1 - C(n-c, k) / C(n, k). It is
// NaN where that means nothing: k < 1, n < k, or c outside 0..n.
//
// The quotient is a product of factors 1 - k/i, i from n down to n-c+1, so
// nothing overflows, and one more correct sample multiplies by one more factor:
// the estimate never falls as c grows.
func PassAtK(n, c, k int) float64 {
	if k < 1 || n < k || c < 0 || c > n {
		return math.NaN()
	}
	if n-c < k {
		return 1
	}
	miss := 1.0
	for i := n; i > n-c; i-- {
		miss *= 1 - float64(k)/float64(i)
	}
	return 1 - miss
}
