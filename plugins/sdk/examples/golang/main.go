// Command golang is a language runtime that is a plugin: Go, by the toolchain of
// the machine. It is the one that is built in, in a process of its own.
package main

import (
	"github.com/assay-dev/assay/plugins/sdk"
	"github.com/assay-dev/assay/runtimes/golang"
)

func main() { sdk.ServeRuntime(golang.New()) }
