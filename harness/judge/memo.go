package judge

import (
	"encoding/json"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes/cache"
)

// recall finds the record of equal work: judged by this Judge, or, unless all
// is to be judged anew, by an earlier one.
func (j *Judge) recall(identity string) (harness.Record, bool) {
	if rec, ok := j.verdicts.get(identity); ok {
		return rec, true
	}
	if j.config.Cache == nil || j.config.Fresh {
		return harness.Record{}, false
	}
	data, err := j.config.Cache.Get(cache.Verdicts, identity)
	if err != nil {
		return harness.Record{}, false
	}
	var rec harness.Record
	if json.Unmarshal(data, &rec) != nil || rec.Identity != identity || rec.Version != harness.RecordVersion {
		return harness.Record{}, false
	}
	j.verdicts.put(identity, rec, len(data))
	return rec, true
}

// remember keeps a record for the next sample with the same identity. A fault
// of ours is not kept: the next try may do better.
func (j *Judge) remember(identity string, rec harness.Record) {
	if rec.Verdict == harness.InfraError {
		return
	}
	data, err := json.Marshal(rec)
	if err != nil {
		return
	}
	j.verdicts.put(identity, rec, len(data))
	if j.config.Cache != nil && !j.config.Fresh {
		// The cache only saves time: a full disk is no reason to fail here.
		_ = j.config.Cache.Put(cache.Verdicts, identity, data)
	}
}
