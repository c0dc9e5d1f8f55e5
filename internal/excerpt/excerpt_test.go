package excerpt

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 漢\n\t":                        "plain é 漢\n\t",
		"\x1b[2J":                              `\x1b[2J`,
		"a\rb\x00\x7f":                         `a\x0db\x00\x7f`,
		"\xff\xfe":                             `\xff\xfe`,
		"\xed\xa0\x80":                         `\xed\xa0\x80`,
		"\u202eevil\u200b":                     `\u202eevil\u200b`,
		"\u2066\u2069\u061c\u200e\ufeff\u2060": `\u2066\u2069\u061c\u200e\ufeff\u2060`,
		"a\u2028b\u2029c\u0085d":               `a\u2028b\u2029c\u0085d`,
		"\u3164\u2800":                         `\u3164\u2800`,
		"\U000e0041\U000e0101":                 `\U000e0041\U000e0101`,
		"\u009b31m":                            `\u009b31m`,
		"e\u0301 ❤\ufe0f \ufffd":               "e\u0301 ❤\ufe0f \ufffd",
	} {
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct{ name, in, line, lines string }{
		{"short", "a b", "a b", "a b"},
		{"exactly as long", strings.Repeat("x", 40), strings.Repeat("x", 40), strings.Repeat("x", 40)},
		{"one too long", strings.Repeat("x", 41), "xxxxxxxxxxxxxxxxxxxxx… (20 more bytes)", "xxxxxxxxxxxxxxxxxxxxx… (20 more bytes)"},
		{"long", strings.Repeat("x", 1_000_018), "xxxxxxxxxxxxxx… (1,000,004 more bytes)", "xxxxxxxxxxxxxx… (1,000,004 more bytes)"},
		{"several lines", "a\n\tb", `a\n\tb`, "a\n\tb"},
		{"not within a character", strings.Repeat("漢", 20), "漢漢漢漢漢漢漢… (39 more bytes)", "漢漢漢漢漢漢漢… (39 more bytes)"},
		{"escapes count", strings.Repeat("\x00", 20), `\x00\x00\x00\x00\x00… (15 more bytes)`, `\x00\x00\x00\x00\x00… (15 more bytes)`},
	} {
		if got := Line(tt.in, 40); got != tt.line {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.line)
		}
		if got := Lines(tt.in, 40); got != tt.lines {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.lines)
		}
	}
	long := strings.Repeat("x", 5000)
	if got, want := Line(Line(Line(long, 400), 100), 40), "xxxxxxxxxxxxxxxxxx… (4,982 more bytes)"; got != want {
		t.Errorf("cut three times: got %q, want %q", got, want)
	}
	if got, want := Left(1), "… (1 more byte)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzCut(f *testing.F) {
	f.Add("a\n\x1b[31m\u202e", 30)
	f.Add(strings.Repeat("\xff", 100), 64)
	f.Add(strings.Repeat("漢", 100), 41)
	f.Fuzz(func(t *testing.T, s string, most int) {
		most = 32 + most&0xff
		for _, cut := range []func(string, int) string{Line, Lines} {
			got := cut(s, most)
			if len(got) > most || !utf8.ValidString(got) {
				t.Fatalf("%d bytes of at most %d: %q", len(got), most, got)
			}
			for _, r := range got {
				if r != '\n' && r != '\t' && !unicode.IsGraphic(r) {
					t.Fatalf("%q has %q in it", got, r)
				}
			}
			if again := cut(got, most); again != got {
				t.Fatalf("%q became %q", got, again)
			}
		}
		if strings.ContainsAny(Line(s, most), "\n\t") {
			t.Fatal("a line with an end in it")
		}
		if got := Escape(s); Escape(got) != got {
			t.Fatalf("%q is escaped twice", got)
		}
	})
}
