package benchmarks

import "testing"

// TestHash: every part of a problem is in its hash, and nothing else is.
func TestHash(t *testing.T) {
	whole := func() *Problem {
		set, err := NewInputSet("base", []byte("[[1], [2]]"))
		if err != nil {
			t.Fatal(err)
		}
		return &Problem{
			ID: "a", Prompt: "b", EntryPoint: "c", Canonical: "d", Oracle: Cases, Helpers: "e", Test: "f",
			Sets: []InputSet{set}, Rule: Rule{Special: "g", Atol: 1},
		}
	}
	seen := map[[32]byte]string{whole().hash(): "the whole"}
	for name, change := range map[string]func(*Problem){
		"id":        func(p *Problem) { p.ID += "x" },
		"moved":     func(p *Problem) { p.ID, p.Prompt = "ab", "" },
		"prompt":    func(p *Problem) { p.Prompt += "x" },
		"entry":     func(p *Problem) { p.EntryPoint += "x" },
		"canonical": func(p *Problem) { p.Canonical += "x" },
		"oracle":    func(p *Problem) { p.Oracle = Script },
		"helpers":   func(p *Problem) { p.Helpers += "x" },
		"test":      func(p *Problem) { p.Test += "x" },
		"special":   func(p *Problem) { p.Rule.Special += "x" },
		"atol":      func(p *Problem) { p.Rule.Atol = 2 },
		"set name":  func(p *Problem) { p.Sets[0].Name = "plus" },
		"shape":     func(p *Problem) { p.Sets[0].shape = "tuples" },
		"inputs":    func(p *Problem) { p.Sets[0].text = []byte("[[1], [3]]") },
		"no sets":   func(p *Problem) { p.Sets = nil },
	} {
		p := whole()
		change(p)
		if other, dup := seen[p.hash()]; dup {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[p.hash()] = name
	}
	p := whole()
	p.Sets[0].where = "another file"
	if _, same := seen[p.hash()]; !same {
		t.Error("the file's name is in the hash")
	}
}
