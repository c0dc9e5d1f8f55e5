//go:build !amd64

package kernel

func kernels() []kernel { return nil }
