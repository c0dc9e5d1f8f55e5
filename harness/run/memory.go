package run

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v4/mem"
)

// Memory beside the guests', in bytes: what the workers share (compiled code,
// data set, expected values), and what the host keeps for each of them.
const (
	sharedBytes = 512 << 20
	besideBytes = 256 << 20
)

// Workers returns how many programs of so much memory may run at once, and a
// sentence when they are fewer than asked for because memory is short. All
// sizes are in bytes; asked 0: one for each core.
func Workers(asked int, memory, available uint64) (int, string) {
	if asked <= 0 {
		asked = runtime.GOMAXPROCS(0)
	}
	each := memory + besideBytes
	fit := max(1, int(min((available-min(available, sharedBytes))/each, 1<<20)))
	if fit >= asked {
		return asked, ""
	}
	return fit, fmt.Sprintf("%d of %d workers: %.1f GiB of memory are free and one worker may need %.1f GiB (lower --memory for more)",
		fit, asked, gib(available), gib(each))
}

func gib(n uint64) float64 { return float64(n) / (1 << 30) }

// AvailableMemory is what this process may still take, in bytes: of the
// machine, or of the container where that is less.
func AvailableMemory() (uint64, error) {
	vm, err := mem.VirtualMemory()
	if err != nil {
		return 0, fmt.Errorf("reading the memory that is free: %w", err)
	}
	return min(vm.Available, cgroupHeadroom("/sys/fs/cgroup")), nil
}

// cgroupHeadroom is what a container's limit (cgroup v2) leaves, or all there
// is. Cached files count as used there though they can be dropped.
func cgroupHeadroom(root string) uint64 {
	limit, ok := readUint(filepath.Join(root, "memory.max"))
	used, ok2 := readUint(filepath.Join(root, "memory.current"))
	if !ok || !ok2 {
		return ^uint64(0)
	}
	used -= min(used, inactiveFile(filepath.Join(root, "memory.stat")))
	return limit - min(limit, used)
}

func readUint(path string) (uint64, bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64)
	return n, err == nil // "max" is no number: no limit
}

func inactiveFile(path string) uint64 {
	data, _ := os.ReadFile(path)
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "inactive_file "); ok {
			n, _ := strconv.ParseUint(strings.TrimSpace(rest), 10, 64)
			return n
		}
	}
	return 0
}
