package backends

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/assay-dev/assay/harness/model"
)

// Failure says what it means that a request has no answer.
func (s *Server) Failure(err error) error {
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
func (s *Server) refusal(resp *http.Response) *model.Error {
	said := s.conceal(message(resp.Body))
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

// message finds what a server says is wrong, in the forms that servers have.
func message(body io.Reader) string {
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
