package codeflow

import (
	"fmt"

	"github.com/assay-dev/assay/internal/atomicfile"
)

// ReadStats reads a stats.json.
func ReadStats(path string) (*Stats, error) {
	var s Stats
	if err := atomicfile.ReadDocument(path, &s); err != nil {
		return nil, err
	}
	if s.Version != StatsVersion {
		return nil, fmt.Errorf("%s: version %d; this assay reads %d", path, s.Version, StatsVersion)
	}
	return &s, nil
}
