package backends

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxBody bounds an answer, in bytes.
const maxBody = 32 << 20

// idleConnections are kept open to a server for the requests to come.
const idleConnections = 1024

// post sends a question as JSON and reads the answer into what it points to. A
// refusal is a *model.Error. It asks once: package model knows when again.
func (s *Server) post(ctx context.Context, path string, header map[string]string, question, answer any) error {
	asked, err := json.Marshal(question)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Base+path, bytes.NewReader(asked))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "assay")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return s.refusal(resp)
	}
	if kind := resp.Header.Get("Content-Type"); !strings.Contains(kind, "json") {
		return fmt.Errorf("it is %q and not JSON", kind)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, answer)
}

// newClient makes an HTTP client that reads no more than maxBody of an answer.
// It knows no timeout: that is the context's.
func newClient() *http.Client {
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
