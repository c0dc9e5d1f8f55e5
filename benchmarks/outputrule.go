package benchmarks

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/assay-dev/assay/internal/jsonl"
)

// OutputRule is how what a program printed is held against what it had to.
type OutputRule struct {
	Name string // one of the names below

	// Of Tokens. Where the expected word is a number with a fraction or an
	// exponent, another may differ by so much, absolutely or relative to it; an
	// integer is only as good as its equal. 0: the same words.
	Tolerance float64
	// Of Tokens: YES is yes, in ASCII.
	IgnoreCase bool
}

// The rules for output.
const (
	// Lines is LiveCodeBench's: without the space around the whole and around
	// each line there are as many lines, and each is the same, or its words are
	// all numbers, and exactly equal ones.
	Lines = "lines"
	// Tokens: the same words, however they are divided.
	Tokens = "tokens"
	// Exact: the same text, but for space at the very end.
	Exact = "exact"
)

// outputRules are the names of the rules.
var outputRules = []string{Lines, Tokens, Exact}

func (r OutputRule) check() error {
	switch {
	case r.Name != "" && !slices.Contains(outputRules, r.Name):
		return fmt.Errorf("no rule for output is called %s (there are %s)", jsonl.Quote(r.Name), strings.Join(outputRules, ", "))
	case (r.Tolerance != 0 || r.IgnoreCase) && r.Name != Tokens:
		return fmt.Errorf("a tolerance, and ignoring case, go with \"compare\": %q alone", Tokens)
	case r.Name == "":
		return errors.New("there is no rule for output")
	case !(r.Tolerance >= 0) || math.IsInf(r.Tolerance, 0):
		return fmt.Errorf("tolerance %v: want a number from 0", r.Tolerance)
	}
	return nil
}

// Equal holds output against what is expected; where it is another, it says in
// what.
func (r OutputRule) Equal(expected, actual string) (bool, string) {
	switch r.Name {
	case Lines:
		return equalLines(expected, actual)
	case Tokens:
		return r.equalTokens(expected, actual)
	}
	if strings.TrimRightFunc(expected, isSpace) == strings.TrimRightFunc(actual, isSpace) {
		return true, ""
	}
	return false, fmt.Sprintf("line %d differs", firstDifference(strings.Split(expected, "\n"), strings.Split(actual, "\n")))
}

// equalLines compares as lcb_runner does (grade_stdio in
// evaluation/testing_util.py).
func equalLines(expected, actual string) (bool, string) {
	want, got := strippedLines(expected), strippedLines(actual)
	if len(want) != len(got) {
		return false, fmt.Sprintf("%d lines, want %d", len(got), len(want))
	}
	for i := range want {
		if want[i] != got[i] && !equalDecimals(want[i], got[i]) {
			return false, fmt.Sprintf("line %d differs", i+1)
		}
	}
	return true, ""
}

func strippedLines(s string) []string {
	lines := strings.Split(strings.TrimFunc(s, isSpace), "\n")
	for i := range lines {
		lines[i] = strings.TrimFunc(lines[i], isSpace)
	}
	return lines
}

// isSpace is Python's str.isspace, of one character.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// equalDecimals says whether two lines are made of numbers, and those are equal
// one by one.
func equalDecimals(expected, actual string) bool {
	want, got := strings.FieldsFunc(expected, isSpace), strings.FieldsFunc(actual, isSpace)
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		w, ok := parseDecimal(want[i])
		g, ok2 := parseDecimal(got[i])
		if !ok || !ok2 || w != g || w.kind == notANumber {
			return false
		}
	}
	return true
}

func (r OutputRule) equalTokens(expected, actual string) (bool, string) {
	if r.IgnoreCase {
		expected, actual = asciiLower(expected), asciiLower(actual)
	}
	want, got := strings.FieldsFunc(expected, isSpace), strings.FieldsFunc(actual, isSpace)
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] && !(r.Tolerance > 0 && r.close(want[i], got[i])) {
			return false, fmt.Sprintf("word %d differs", i+1)
		}
	}
	if len(want) != len(got) {
		return false, fmt.Sprintf("%d words, want %d", len(got), len(want))
	}
	return true, ""
}

// numberForm is what a checker with a tolerance takes for a number: decimal, in
// ASCII, with an exponent or without. What a language's parser reads beside
// (hexadecimal, underscores, other digits, infinities) no contest asks for.
var numberForm = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// close says whether both are numbers within the tolerance.
func (r OutputRule) close(expected, actual string) bool {
	if !numberForm.MatchString(expected) || !numberForm.MatchString(actual) {
		return false
	}
	if exact, ok := parseDecimal(expected); ok && !strings.ContainsAny(expected, ".eE") {
		other, ok := parseDecimal(actual)
		return ok && exact == other && exact.kind == finite
	}
	w, err := strconv.ParseFloat(expected, 64)
	g, err2 := strconv.ParseFloat(actual, 64)
	if err != nil || err2 != nil { // beyond what a float holds
		return false
	}
	return math.Abs(g-w) <= float64(r.Tolerance*max(1, math.Abs(w)))
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// firstDifference gives the number of the first item that differs, from 1.
func firstDifference(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i + 1
		}
	}
	return min(len(a), len(b)) + 1
}

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
