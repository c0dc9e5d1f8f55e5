package run

import (
	"bytes"
	"context"
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/progress"
)

// VerifyConfig is what judges a stored run again: a suite and a judge that
// were made from the options in its summary.
type VerifyConfig struct {
	Suite    *benchmarks.Suite
	Judge    Judge
	Runtime  RuntimeID
	Workers  int // default one for each core
	Progress progress.Func
}

// Verification is what came out.
type Verification struct {
	Samples     int          `json:"samples"`
	Differences []Difference `json:"differences"`
	// Whole says that results.jsonl is, byte for byte, what this run gives,
	// and that the summary's hash is the file's.
	Whole bool `json:"whole"`
}

// Difference is a record that came out otherwise.
type Difference struct {
	TaskID string `json:"task_id"`
	Sample int    `json:"sample"`
	Was    string `json:"was"` // the lines
	Now    string `json:"now"`
}

// Verify judges every sample of a stored run again and compares the bytes.
func Verify(ctx context.Context, s *Stored, cfg VerifyConfig) (*Verification, error) {
	p, err := s.plan(cfg)
	if err != nil {
		return nil, err
	}
	pool := &pool{judge: cfg.Judge, plan: p, tells: cfg.Progress}
	if err := pool.run(ctx, cfg.Workers); err != nil {
		return nil, err
	}
	return s.compare(p), nil
}

// plan makes the work of a stored run from its records and candidates.
func (s *Stored) plan(cfg VerifyConfig) (*Plan, error) {
	if s.Summary == nil {
		return nil, fmt.Errorf("%s holds no %s: it says what the run was", s.Dir, summaryName)
	}
	if id := suiteID(cfg.Suite); id != s.Summary.Suite {
		return nil, fmt.Errorf("the results are of %s (sha-256 %.12s…), this is %s (%.12s…)", s.Summary.Suite, s.Summary.Suite.SHA256, id, id.SHA256)
	}
	if cfg.Runtime != s.Summary.Runtime {
		return nil, fmt.Errorf("the results are of runtime %s (%.12s…), this is %s (%.12s…): only the same runtime gives the same bytes",
			s.Summary.Runtime.Name, s.Summary.Runtime.Identity, cfg.Runtime.Name, cfg.Runtime.Identity)
	}
	samples := make([]benchmarks.Sample, 0, len(s.Records))
	for _, r := range s.Records {
		solution, err := s.Candidate(r)
		if err != nil {
			return nil, err
		}
		samples = append(samples, benchmarks.Sample{TaskID: r.TaskID, Index: r.Sample, Solution: solution, Origin: s.Dir})
	}
	return NewPlan(cfg.Suite, samples, Selection{Partial: true})
}

func (s *Stored) compare(p *Plan) *Verification {
	now := make(map[string][]byte, len(p.items))
	for _, it := range p.items {
		now[it.name()] = it.line
	}
	v := &Verification{Samples: len(s.Records)}
	for i, r := range s.Records {
		line := now[recordName(r)]
		if !bytes.Equal(line, s.lines[i]) {
			v.Differences = append(v.Differences, Difference{r.TaskID, r.Sample, string(s.lines[i]), string(line)})
		}
	}
	results := p.results()
	v.Whole = bytes.Equal(results, s.bytes()) && hashOf(string(results)) == s.Summary.Results
	return v
}

func (s *Stored) bytes() []byte {
	var b bytes.Buffer
	for _, line := range s.lines {
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func recordName(r harness.Record) string { return fmt.Sprintf("%s#%d", r.TaskID, r.Sample) }
