//go:build unix && !linux

package worker

import "os"

func executable() (string, error) { return os.Executable() }

func awaitEnd(int) {}
