package cache

import (
	"context"
	"errors"
)

// ErrMiss says that an entry is absent or was damaged (and has been removed).
var ErrMiss = errors.New("not in the cache")

// Kinds of entries, each a folder below the root.
const (
	Wheels   = "wheels"   // what pip fetched, verified by sha-256
	Modules  = "modules"  // instrumented modules
	Code     = "code"     // the engine's compiled code
	Images   = "images"   // memory images
	Suites   = "suites"   // data sets, verified by sha-256
	Expected = "expected" // expected values of suites
	Verdicts = "verdicts" // verdicts judged before
)

// Store is a folder of entries that may be damaged, cleared or shared with
// other processes at any time. Every entry is written to a temporary file,
// synced and renamed; every read checks length and checksum.
type Store interface {
	Root() string
	// Get returns an entry's bytes, or ErrMiss.
	Get(kind, key string) ([]byte, error)
	// Put writes an entry. A full disk or an unwritable folder is an error that
	// callers may ignore: the cache only saves time.
	Put(kind, key string, data []byte) error
	// Lock holds the entry against other processes and goroutines until unlock.
	Lock(ctx context.Context, kind, key string) (unlock func(), err error)
	// Dir is a folder of kind for files that another library writes itself.
	Dir(kind string) (string, error)
}
