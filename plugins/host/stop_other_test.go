//go:build !unix

package host

func stop() { select {} }
