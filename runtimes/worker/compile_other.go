//go:build !unix

package worker

// taken is not known here.
func taken() use { return use{} }
