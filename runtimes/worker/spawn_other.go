//go:build !unix

package worker

import (
	"errors"
	"net"
)

// Supported says whether there can be a child.
const Supported = false

const firstFile = 3

func spawn([]string, int) (*child, error) { return nil, errors.ErrUnsupported }

func connection(int) (net.Conn, error) { return nil, errors.ErrUnsupported }
