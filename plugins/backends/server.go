package backends

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/child"
)

// server is where requests go, and with what.
type server struct {
	Kind    string // the backend's name, "openai"
	Base    string // address, without a slash at its end
	KeyName string // the variable that has the key
	Key     string // "" where there is none

	client *http.Client
}

// newServer reads an address. A key is no part of it.
func newServer(kind, address, keyName string, env func(string) string) (*server, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		err = errors.New("it is no URL") // whose text may have a password in it
	case u.Scheme != "http" && u.Scheme != "https":
		err = errors.New("an address begins with http:// or https://")
	case u.Host == "":
		err = errors.New("it names no host")
	case u.User != nil:
		err = fmt.Errorf("a password in an address gets into logs: put the key in %s", keyName)
	case u.RawQuery != "" || u.Fragment != "":
		err = errors.New("it ends with the path, as in http://localhost:8000/v1")
	}
	if err != nil {
		return nil, fmt.Errorf("the address of --backend %s: %w", kind, err)
	}
	return &server{Kind: kind, Base: strings.TrimRight(address, "/"), KeyName: keyName, Key: strings.TrimSpace(env(keyName)), client: newClient()}, nil
}

// Identity is the kind and the address.
func (s *server) Identity() string { return s.Kind + ":" + s.Base }

// conceal takes the key out of a text that others wrote, and bounds it.
func (s *server) conceal(text string) string {
	const most = 400
	return child.NewRedactor(child.Secret{Value: s.Key, Label: "key"}).Line(text, most)
}

// maxBody bounds an answer, in bytes.
const maxBody = 32 << 20

// idleConnections are kept open to a server for the requests to come.
const idleConnections = 1024

// post sends a question as JSON and reads the answer into what it points to. A
// refusal is a *model.Error. It asks once: package model knows when again.
func (s *server) post(ctx context.Context, path string, header map[string]string, question, answer any) error {
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

// failure says what it means that a request has no answer.
func (s *server) failure(err error) error {
	var noHost *net.DNSError
	var known *model.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, syscall.ECONNREFUSED):
		return model.Errorf(model.Unreachable, "nobody listens at %s: start the server, or name another address with --backend %s:URL", s.Base, s.Kind)
	case errors.As(err, &noHost):
		return model.Errorf(model.Unreachable, "there is no host %s: look at the address that --backend names, %s", s.conceal(noHost.Name), s.Base)
	}
	return model.Errorf(model.Broken, "%s gave no answer that can be read: %s", s.Base, s.conceal(err.Error()))
}

// refusal says what a status means that is not 200.
func (s *server) refusal(resp *http.Response) *model.Error {
	said := s.conceal(serverMessage(resp.Body))
	say := func(kind model.Kind, what string) *model.Error {
		if said != "" {
			what += ": " + said
		}
		e := model.Errorf(kind, "%s answers %d, %s", s.Base, resp.StatusCode, what)
		e.RetryAfter = retryAfter(resp.Header)
		return e
	}
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		if s.Key == "" {
			return say(model.Unusable, "it wants a key: set "+s.KeyName)
		}
		return say(model.Unusable, "it refuses the key in "+s.KeyName)
	case code == http.StatusPaymentRequired, code == http.StatusTooManyRequests && strings.Contains(said, "quota"):
		return say(model.Unusable, "the account has nothing left")
	case code == http.StatusNotFound, code == http.StatusMethodNotAllowed:
		return say(model.Unusable, "there is no such model, or the address is wrong (an OpenAI-like server's ends with /v1)")
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable, code == 529:
		return say(model.Busy, "it is too busy")
	case code >= 500, code == http.StatusRequestTimeout, code == http.StatusConflict, code == http.StatusTooEarly:
		return say(model.Broken, "a fault of the server")
	}
	return say(model.Refused, "it refuses the request")
}

// serverMessage finds what a server says is wrong, in the forms that servers have.
func serverMessage(body io.Reader) string {
	const most = 64 << 10
	text, _ := io.ReadAll(io.LimitReader(body, most)) // what there is of it
	var form struct {
		Error, Message, Detail json.RawMessage
	}
	if json.Unmarshal(text, &form) != nil {
		return string(text)
	}
	for _, raw := range []json.RawMessage{form.Error, form.Message, form.Detail} {
		var plain string
		var nested struct{ Message, Code string }
		switch {
		case json.Unmarshal(raw, &plain) == nil && plain != "":
			return plain
		case json.Unmarshal(raw, &nested) == nil && nested.Message != "":
			return strings.TrimSpace(nested.Message + " " + parenthesised(nested.Code))
		}
	}
	return string(text)
}

func parenthesised(code string) string {
	if code == "" {
		return ""
	}
	return "(" + code + ")"
}

// retryAfter is what the server asks to wait: seconds, or until a date.
func retryAfter(h http.Header) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
