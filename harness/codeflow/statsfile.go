package codeflow

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// maxStats bounds stats.json when it is read back, in bytes.
const maxStats = 16 << 20

// ReadStats reads a stats.json.
func ReadStats(path string) (*Stats, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxStats+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxStats {
		return nil, fmt.Errorf("%s has more than %d bytes, which is the most that is read", path, maxStats)
	}
	var s Stats
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%s: it is no statistics of codeflow: %w", path, err)
	}
	if s.Version != StatsVersion {
		return nil, fmt.Errorf("%s: version %d; this assay reads %d", path, s.Version, StatsVersion)
	}
	return &s, nil
}
