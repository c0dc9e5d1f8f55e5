package backends

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/assay-dev/assay/plugins/redact"
)

// Server is where requests go, and with what.
type Server struct {
	Kind    string // the backend's name, "openai"
	Base    string // address, without a slash at its end
	KeyName string // the variable that has the key
	Key     string // "" where there is none

	client *http.Client
}

// NewServer reads an address. A key is no part of it.
func NewServer(kind, address, keyName string, env func(string) string) (*Server, error) {
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
	return &Server{Kind: kind, Base: strings.TrimRight(address, "/"), KeyName: keyName, Key: strings.TrimSpace(env(keyName)), client: newClient()}, nil
}

// Identity is the kind and the address.
func (s *Server) Identity() string { return s.Kind + ":" + s.Base }

// conceal takes the key out of a text that others wrote, and bounds it.
func (s *Server) conceal(text string) string {
	const most = 400
	return redact.New(redact.Secret{Value: s.Key, Label: "key"}).Line(text, most)
}
