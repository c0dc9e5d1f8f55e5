package kernel

import (
	"math"
	"unsafe"
)

// exp is eˣ. In float32 it is a polynomial, four times as fast as math.Exp and
// right to two units in the last place; below −87 it is 0.
func exp[F Float](x F) F {
	if unsafe.Sizeof(x) == 4 { // known when it is compiled
		return F(exp32(float32(x)))
	}
	return F(math.Exp(float64(x)))
}

func exp32(x float32) float32 {
	const (
		log2e  = 1.4426950408889634
		ln2    = 0.693359375 // exact with few bits
		ln2Low = -2.12194440e-4
	)
	if !(x >= -87) {
		if x != x {
			return x
		}
		return 0
	}
	if x > 88 {
		return float32(math.Inf(1))
	}
	n := int32(x*log2e+128.5) - 128 // rounds, for what is cut is above 0
	f := float32(n)
	r := x - f*ln2
	r -= f * ln2Low
	p := float32(1.9875691500e-4)
	p = p*r + 1.3981999507e-3
	p = p*r + 8.3334519073e-3
	p = p*r + 4.1665795894e-2
	p = p*r + 1.6666665459e-1
	p = p*r + 5.0000001201e-1
	return (p*r*r + r + 1) * math.Float32frombits(uint32(n+127)<<23)
}
