package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWorkers(t *testing.T) {
	const g = 1 << 30
	tests := []struct {
		asked             int
		memory, available uint64
		want              int
		says              string
	}{
		{4, g, 8 * g, 4, ""},
		{4, g, 4*g + g/4, 3, "3 of 4 workers: 4.2 GiB of memory are free and one worker may need 1.2 GiB"},
		{2, g, 0, 1, "1 of 2 workers"},
		{1, g, 0, 1, ""},
		{8, 0, sharedBytes + 5*besideBytes, 5, "5 of 8"},
	}
	for _, tt := range tests {
		n, why := Workers(tt.asked, tt.memory, tt.available)
		if n != tt.want || !strings.HasPrefix(why, tt.says) || (tt.says == "") != (why == "") {
			t.Errorf("Workers(%d, %d, %d) = %d, %q; want %d, %q", tt.asked, tt.memory, tt.available, n, why, tt.want, tt.says)
		}
	}
}

func TestCgroupHeadroom(t *testing.T) {
	write := func(files map[string]string) string {
		dir := t.TempDir()
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	tests := map[string]struct {
		files map[string]string
		want  uint64
	}{
		"no cgroup": {nil, ^uint64(0)},
		"no limit":  {map[string]string{"memory.max": "max\n", "memory.current": "5\n"}, ^uint64(0)},
		"limit":     {map[string]string{"memory.max": "100\n", "memory.current": "60\n", "memory.stat": "anon 1\ninactive_file 20\n"}, 60},
		"overdrawn": {map[string]string{"memory.max": "100\n", "memory.current": "160\n"}, 0},
	}
	for name, tt := range tests {
		if got := cgroupHeadroom(write(tt.files)); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}
