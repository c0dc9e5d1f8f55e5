package benchmarks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/runtimes/cache"
)

// stallAfter is how long a server may send nothing of a large file.
const stallAfter = 2 * time.Minute

var errStalled = errors.New("the server sent nothing for two minutes")

// fetchParts gets the files of a suite into the cache, where each lies under its
// sum. What an earlier try got of one is gone on with.
func fetchParts(ctx context.Context, info Info, o Options) (*dataset, error) {
	if o.Cache == nil {
		return nil, fmt.Errorf("fetch %s: there is no cache to keep its files in", info.Spec())
	}
	for i, f := range info.Files {
		stage := fmt.Sprintf("fetch %s, file %d of %d", info.Spec(), i+1, len(info.Files))
		if err := fetchPart(ctx, f, stage, o); err != nil {
			return nil, fmt.Errorf("fetch %s: %s: %w: go on with the same command, or get the files yourself and pass the folder as --data", info.Spec(), f.Name, err)
		}
	}
	return cachedParts(info, o.Cache)
}

// cachedParts are the files that were fetched before, if all were.
func cachedParts(info Info, c cache.Store) (*dataset, error) {
	d := &dataset{info: info, name: info.Spec()}
	for _, f := range info.Files {
		path, err := f.cached(c)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
		d.parts = append(d.parts, part{path: path, want: f.SHA256})
	}
	return d, nil
}

// cached is where the file lies once it was fetched and verified.
func (f File) cached(c cache.Store) (string, error) {
	dir, err := c.Dir(cache.Suites)
	return filepath.Join(dir, f.SHA256+".jsonl"), err
}

func fetchPart(ctx context.Context, f File, stage string, o Options) error {
	to, err := f.cached(o.Cache)
	if err != nil {
		return err
	}
	unlock, err := o.Cache.Lock(ctx, cache.Suites, f.SHA256)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(to); err == nil { // from before, or another process was faster
		return nil
	}
	half := to + ".part"
	out, err := os.OpenFile(half, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	err = f.download(ctx, out, stage, o)
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return atomicfile.Rename(half, to)
}

// download completes out, and verifies it.
func (f File) download(ctx context.Context, out *os.File, stage string, o Options) error {
	have, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if have < f.Bytes {
		if err := f.rest(ctx, out, have, stage, o); err != nil {
			return err
		}
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, out); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.SHA256 {
		return errors.Join(fmt.Errorf("wrong checksum: it has to have sha-256 %s, this is %s", f.SHA256, got), out.Truncate(0))
	}
	return out.Sync()
}

// rest asks for what is missing after so many bytes; a server that sends it all
// is taken at its word.
func (f File) rest(ctx context.Context, out *os.File, have int64, stage string, o Options) error {
	address, err := rebase(f.URL, o.BaseURL)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	c := *client(o)
	c.Timeout = 0 // a gigabyte takes what it takes, as long as something comes
	resp, err := c.Do(req)
	if err != nil {
		return err // names the address
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusPartialContent:
	case http.StatusOK:
		have = 0
	default:
		return fmt.Errorf("%s answers %s", address, resp.Status)
	}
	if err := out.Truncate(have); err != nil {
		return err
	}
	if _, err := out.Seek(have, io.SeekStart); err != nil {
		return err
	}
	stall := time.AfterFunc(stallAfter, func() { cancel(errStalled) })
	defer stall.Stop()
	body := &counter{r: resp.Body, stage: stage, done: have, total: f.Bytes, progress: func(stage string, done, total int64) {
		stall.Reset(stallAfter)
		if o.Progress != nil {
			o.Progress(stage, done, total)
		}
	}}
	n, err := io.Copy(out, io.LimitReader(body, f.Bytes-have+1))
	switch {
	case errors.Is(context.Cause(ctx), errStalled):
		return errStalled
	case err != nil:
		return fmt.Errorf("%s: %w", address, err)
	case have+n < f.Bytes:
		return fmt.Errorf("%s: %w", address, io.ErrUnexpectedEOF)
	}
	return nil
}
