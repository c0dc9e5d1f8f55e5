package codeflow

import (
	"fmt"

	"github.com/assay-dev/assay/harness/wholefile"
)

// ReadStats reads a stats.json.
func ReadStats(path string) (*Stats, error) {
	var s Stats
	if err := wholefile.ReadDocument(path, &s); err != nil {
		return nil, err
	}
	if s.Version != StatsVersion {
		return nil, fmt.Errorf("%s: version %d; this assay reads %d", path, s.Version, StatsVersion)
	}
	return &s, nil
}
