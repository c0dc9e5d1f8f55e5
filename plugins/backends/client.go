package backends

import (
	"fmt"
	"io"
	"net/http"
)

// maxBody bounds an answer, in bytes.
const maxBody = 32 << 20

// idleConnections are kept open to a server for the requests to come.
const idleConnections = 1024

// NewClient makes an HTTP client that reads no more than maxBody of an answer.
// It knows no timeout: that is the context's.
func NewClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = idleConnections, idleConnections
	return &http.Client{Transport: bounded{t}}
}

type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err == nil {
		resp.Body = &body{resp.Body, maxBody}
	}
	return resp, err
}

// body ends with an error where it goes on for too long.
type body struct {
	io.ReadCloser
	left int
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return 0, fmt.Errorf("the answer has more than %d bytes", maxBody)
	}
	return n, err
}
