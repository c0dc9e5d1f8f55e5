//go:build !unix

package atomicfile

import "os"

// hold has no locks on what is renamed.
func hold(*os.File) (release func(), ok bool) { return func() {}, true }

func abandoned(string) (release func(), yes, known bool) { return nil, false, false }
