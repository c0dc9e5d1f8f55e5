package benchmarks

import (
	"math/big"
	"strings"
	"unicode"
)

// decimal is a number as Python's decimal.Decimal reads it, in the one form that
// equal numbers share.
type decimal struct {
	kind     decimalKind
	negative bool
	digits   string // without zeros at either end; "" is zero
	exponent string // of the last digit
}

type decimalKind uint8

const (
	finite decimalKind = iota
	infinite
	notANumber
)

// libmpdec's bounds on 64 bits, beyond which Decimal refuses a number: of the
// exponent of its first digit (MAX_EMAX), and of that of its last (MIN_ETINY).
var (
	mostExponent  = big.NewInt(999_999_999_999_999_999)
	leastExponent = big.NewInt(-1_999_999_999_999_999_997)
)

// maxExponentDigits is more than any exponent in bounds has.
const maxExponentDigits = 40

// parseDecimal reads a word as Decimal(word) does: digits of any script,
// underscores anywhere, exponents, infinities and NaNs.
func parseDecimal(word string) (decimal, bool) {
	s, ok := plainDigits(word)
	if !ok {
		return decimal{}, false
	}
	var d decimal
	if s != "" && (s[0] == '+' || s[0] == '-') {
		d.negative = s[0] == '-'
		s = s[1:]
	}
	switch rest, nan := strings.CutPrefix(strings.TrimPrefix(s, "s"), "nan"); {
	case s == "inf" || s == "infinity":
		d.kind = infinite
		return d, true
	case nan:
		d.kind = notANumber
		return d, onlyDigits(rest)
	}
	return d.finish(s)
}

// finish reads the digits, and the exponent if there is one.
func (d decimal) finish(s string) (decimal, bool) {
	mantissa, power, powered := strings.Cut(s, "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || !onlyDigits(whole) || !onlyDigits(fraction) {
		return d, false
	}
	exponent := new(big.Int)
	if powered {
		sign := strings.TrimLeft(power, "+-")
		digits := strings.TrimLeft(sign, "0")
		if len(power)-len(sign) > 1 || sign == "" || !onlyDigits(sign) || len(digits) > maxExponentDigits {
			return d, false
		}
		exponent.SetString("0"+digits, 10)
		if power[0] == '-' {
			exponent.Neg(exponent)
		}
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent.Sub(exponent, big.NewInt(int64(len(fraction))))
	first := new(big.Int).Add(exponent, big.NewInt(int64(max(len(digits), 1)-1)))
	if first.Cmp(mostExponent) > 0 || exponent.Cmp(leastExponent) < 0 {
		return d, false
	}
	if digits == "" {
		return decimal{}, true // 0 and -0 are equal, whatever their exponents
	}
	d.digits = strings.TrimRight(digits, "0")
	exponent.Add(exponent, big.NewInt(int64(len(digits)-len(d.digits))))
	d.exponent = exponent.String()
	return d, true
}

// plainDigits writes digits of any script as ASCII's, letters small, and leaves
// underscores out.
func plainDigits(word string) (string, bool) {
	var b strings.Builder
	for _, r := range word {
		switch digit, ok := digitOf(r); {
		case ok:
			b.WriteByte('0' + digit)
		case r == '_':
		case r >= 0x80:
			return "", false
		default:
			b.WriteByte(byte(unicode.ToLower(r)))
		}
	}
	return b.String(), true
}

// digitOf gives a decimal digit's value. They come in tens, from zero to nine.
func digitOf(r rune) (byte, bool) {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10), true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10), true
		}
	}
	return 0, false
}

func onlyDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
