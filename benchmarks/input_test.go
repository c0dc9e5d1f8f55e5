package benchmarks

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/internal/testkit"
)

func TestInputJSON(t *testing.T) {
	for _, tt := range []struct{ task, input, want string }{
		{"Mbpp/1", `[1, Infinity, [2]]`, `[1, Infinity, [2]]`},
		{"Mbpp/2", `[[1, 2], [3]]`, `[[1, 2], [3]]`},
		{"Mbpp/115", `[[[], [3, 1, 3, "a"], {"x": 1}, 5, null]]`, `[[[], [3, 1, "a"], [], [], []]]`},
		{"Mbpp/124", `["0", "(-0-1j)"]`, `["0.0", "(-0-1j)"]`},
		{"Mbpp/252", `[4]`, `["(4+0j)"]`},
		{"Mbpp/252", `["1e-16j"]`, `["1e-16j"]`},
	} {
		set, err := NewInputSet("base", []byte("["+tt.input+"]"))
		if err != nil {
			t.Fatal(err)
		}
		set.shape = mbppShape(tt.task)
		got, err := set.JSON(0)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: got %s, %v, want %s", tt.task, got, err, tt.want)
		}
	}
}

// TestInputJSONPublished: the inputs that evalplus published as failed are among
// ours, byte for byte.
func TestInputJSONPublished(t *testing.T) {
	for dir, spec := range map[string]string{"humaneval": "humaneval+@v0.1.9", "mbpp": "mbpp+@v0.1.0"} {
		t.Run(spec, func(t *testing.T) {
			ours := make(map[string]map[string]bool)
			for _, p := range openShared(t, spec).Problems {
				ours[p.ID] = make(map[string]bool)
				for i := range p.Sets {
					for k := range p.Sets[i].N {
						text, err := p.Sets[i].JSON(k)
						if err != nil {
							t.Fatal(err)
						}
						ours[p.ID][string(text)] = true
					}
				}
			}
			n := 0
			for id, failed := range publishedFails(t, testkit.Samples(t, dir)) {
				if id == "Mbpp/115" {
					continue // sets, in the order of that day's hash table
				}
				for _, input := range failed {
					n++
					if !ours[id][string(input)] {
						t.Errorf("%s: no input is %.200s", id, input)
					}
				}
			}
			if n == 0 {
				t.Error("nothing was compared")
			}
		})
	}
}

// publishedFails gives the inputs that failed, by task.
func publishedFails(t *testing.T, dir string) map[string][]json.RawMessage {
	t.Helper()
	data := testkit.Unpack(t, filepath.Join(dir, "generated_eval_results.json.gz"))
	var file struct {
		Eval map[string][]struct {
			Base []json.RawMessage `json:"base_fail_tests"`
			Plus []json.RawMessage `json:"plus_fail_tests"`
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]json.RawMessage)
	for id, samples := range file.Eval {
		for _, s := range samples {
			out[id] = append(append(out[id], s.Base...), s.Plus...)
		}
	}
	return out
}
