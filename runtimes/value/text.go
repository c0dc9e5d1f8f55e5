package value

import "unicode/utf8"

// charLen gives the size in bytes of the first character of s, a Str that is not empty.
func charLen(s string) int {
	if r, n := utf8.DecodeRuneInString(s); r != utf8.RuneError || n != 1 {
		return n
	}
	return min(3, len(s)) // a surrogate
}

// decodeChar gives the code point of s, one character of a Str.
func decodeChar(s string) rune {
	if r, n := utf8.DecodeRuneInString(s); r != utf8.RuneError || n != 1 {
		return r
	}
	if len(s) < 3 {
		return utf8.RuneError
	}
	return rune(s[0]&0x0f)<<12 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f)
}

// appendSurrogate appends a lone surrogate as Str has it.
func appendSurrogate(dst []byte, r rune) []byte {
	return append(dst, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
}

// validText reports whether b is UTF-8 in which surrogates may stand.
func validText(b []byte) bool {
	for !utf8.Valid(b) {
		i := surrogate(b)
		if i < 0 || !utf8.Valid(b[:i]) {
			return false
		}
		b = b[i+3:]
	}
	return true
}

// surrogate gives the index of the first surrogate in b, or -1.
func surrogate(b []byte) int {
	for i := 0; i+2 < len(b); i++ {
		if b[i] == 0xed && b[i+1] >= 0xa0 && b[i+1] <= 0xbf && b[i+2]&0xc0 == 0x80 {
			return i
		}
	}
	return -1
}
