package benchmarks

import (
	"fmt"
	"github.com/assay-dev/assay/internal/jsonl"
	"time"
)

// dateForms are those of ISO 8601 that data sets use.
var dateForms = []string{"2006-01-02", "2006-01-02T15:04:05"}

// ParseDate reads a date, with a time or without, which means midnight.
func ParseDate(text string) (time.Time, error) {
	for _, form := range dateForms {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is no date (want one like 2024-05-01 or 2024-05-01T19:30:00)", jsonl.Quote(text))
}

func checkDate(text string) error {
	_, err := ParseDate(text)
	return err
}
