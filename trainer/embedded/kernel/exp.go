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
	switch {
	case x >= -87 && x <= 88:
		return within(x)
	case x > 88:
		return float32(math.Inf(1))
	case x < -87:
		return 0
	}
	return x // not a number
}

// within is exp32 from −87 to 88. It is small enough to be put into loops.
func within(x float32) float32 {
	const (
		log2e  = 1.4426950408889634
		ln2    = 0.693359375 // exact with few bits
		ln2Low = -2.12194440e-4
	)
	n := int32(x*log2e+128.5) - 128 // rounds, for what is cut is above 0
	f := float32(n)
	r := x - f*ln2 - f*ln2Low
	p := ((((1.9875691500e-4*r+1.3981999507e-3)*r+8.3334519073e-3)*r+4.1665795894e-2)*r+1.6666665459e-1)*r + 5.0000001201e-1
	return (p*r*r + r + 1) * math.Float32frombits(uint32(n+127)<<23)
}

// expSum sets x to eˣ⁻ᵐᵒˢᵗ, where most is the largest of x, and returns the sum.
func expSum[F Float](x []F, most F) F {
	if unsafe.Sizeof(most) != 4 {
		var sum F
		for j, v := range x {
			x[j] = exp(v - most)
			sum += x[j]
		}
		return sum
	}
	var sum float32
	for j, v := range x {
		v := float32(v - most)
		if v >= -87 {
			v = within(v)
		} else {
			v = exp32(v)
		}
		x[j] = F(v)
		sum += v
	}
	return F(sum)
}
