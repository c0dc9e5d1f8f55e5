package benchmarks

import (
	"context"
	"testing"

	"github.com/assay-dev/assay/internal/testkit"
)

func openShared(t testing.TB, spec string) *Suite {
	t.Helper()
	if spec == starterName {
		return open(t, spec, Options{})
	}
	return open(t, spec, Options{DataDir: testkit.Data(t)})
}

func open(t testing.TB, spec string, o Options) *Suite {
	t.Helper()
	s, err := Open(context.Background(), spec, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSuites holds what is loaded against what the publishers say of it, and
// parses every input.
func TestSuites(t *testing.T) {
	for _, tt := range []struct {
		spec       string
		md5        string // what evalplus calls hash
		base, plus int
	}{
		{"starter", "", 68, 235},
		{"humaneval", "88771747746422b8669027625578460c", 0, 0},
		{"humaneval+", "fe585eb4df8c88d844eeb463ea4d0302", 1570, 122683},
		{"humaneval+@v0.1.9", "84f4b93a1270b492e4c54d5212da7a5b", 1570, 123739},
		{"humaneval+@mini", "401e75ad986361dccc7afecb4121e295", 1570, 1107},
		{"mbpp", "f50124cdd150eac633c8e26828e0b3c1", 0, 0},
		{"mbpp@test", "f50124cdd150eac633c8e26828e0b3c1", 0, 0},
		{"mbpp-sanitized", "", 0, 0},
		{"mbpp-sanitized@test", "", 0, 0},
		{"mbpp+", "ee43ecabebf20deef4bb776a405ac5b1", 1174, 39841},
		{"mbpp+@v0.1.0", "ebe95df0d5220f00cedd6f4bddea35e4", 1236, 42082},
	} {
		t.Run(tt.spec, func(t *testing.T) {
			s := openShared(t, tt.spec)
			info, err := Lookup(tt.spec)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Problems) != info.Problems {
				t.Errorf("%d problems, want %d", len(s.Problems), info.Problems)
			}
			if first, last := s.Problems[0].ID, s.Problems[len(s.Problems)-1].ID; s.Version == "test" && (first != "Mbpp/11" || last != map[string]string{"mbpp": "Mbpp/510", "mbpp-sanitized": "Mbpp/479"}[s.Name]) {
				t.Errorf("from %s to %s", first, last)
			}
			if tt.md5 != "" && s.MD5 != tt.md5 {
				t.Errorf("md5 %s, want %s", s.MD5, tt.md5)
			}
			counts := map[string]int{}
			for _, p := range s.Problems {
				for i := range p.Sets {
					inputs, err := p.Sets[i].Inputs()
					if err != nil {
						t.Error(err)
					}
					counts[p.Sets[i].Name] += len(inputs)
				}
			}
			if counts["base"] != tt.base || counts["plus"] != tt.plus {
				t.Errorf("%d base and %d plus inputs, want %d and %d", counts["base"], counts["plus"], tt.base, tt.plus)
			}
		})
	}
}

// BenchmarkOpen is what a run waits for before its first problem.
func BenchmarkOpen(b *testing.B) {
	for _, spec := range []string{"humaneval", "humaneval+", "mbpp+"} {
		b.Run(spec, func(b *testing.B) {
			dir := testkit.Data(b)
			b.ReportAllocs()
			for b.Loop() {
				open(b, spec, Options{DataDir: dir})
			}
		})
	}
}
