package humanize

import "testing"

func TestGrouped(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := Grouped(n); got != want {
			t.Errorf("Grouped(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		Plural(1, "task"): "1 task", Plural(0, "task"): "0 tasks",
		Bytes(512): "512 B", Bytes(1536): "1.5 KiB", Bytes(3 << 29): "1.5 GiB",
		Dollars(0): "$0.00", Dollars(0.004): "$0.0040", Dollars(1.5): "$1.50",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
