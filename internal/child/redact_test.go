package child

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedacted(t *testing.T) {
	r := NewRedactor(Secret{"sk-01", "OLD"}, Secret{"sk-0123456789", "KEY"}, Secret{"first line\n  second line \nxyz", "PEM"}, Secret{"", "EMPTY"})
	for _, tt := range []struct {
		in   string
		most int
		want string
	}{
		{"no  secret\n here", 100, "no secret here"},
		{"a sk-0123456789, sk-0123456789", 100, "a [KEY], [KEY]"},
		{"was first line\nsecond line xyz", 100, "was [PEM] [PEM] xyz"},
		{"sk-01 sk-0123456789", 100, "[OLD] [KEY]"},
		{"bad \xff byte", 100, "bad ? byte"},
		{"ééé", 3, "é…"},
		{"a sk-0123456789", 5, "a [KE…"},
	} {
		if got := r.Line(tt.in, tt.most); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := (Redactor{}).Line("a b", 10); got != "a b" || r.Longest() != len("sk-0123456789") {
		t.Errorf("got %q, longest %d", got, r.Longest())
	}
}

// FuzzRedacted: one line within the bound, and no secret of letters in it.
func FuzzRedacted(f *testing.F) {
	f.Add("a secret b", "secret", 8)
	f.Add("x\xffsecretsecret", "secrets", 1000)
	letters := regexp.MustCompile(`^[a-z]{4,}$`)
	f.Fuzz(func(t *testing.T, text, secret string, most int) {
		most = max(0, min(most, 1000))
		got := NewRedactor(Secret{secret, "KEY"}).Line(text, most)
		if strings.ContainsAny(got, "\n\r\t") || len(got) > most+len("…") || !utf8.ValidString(got) {
			t.Errorf("%q", got)
		}
		if letters.MatchString(secret) && strings.Contains(got, secret) {
			t.Errorf("%q holds %q", got, secret)
		}
	})
}
