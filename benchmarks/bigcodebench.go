package benchmarks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const bigCodeBenchURL = "https://github.com/bigcode-project/bigcodebench-annotation/releases/download/"

// bigCodeBenchSums are those of the versions that are known: the file as
// published, and what it unpacks to.
var bigCodeBenchSums = map[string][]string{
	"v0.1.4": {
		"57898639609240092c5c29f3dc3d958c51a508b35409ddf965d17ead73942b47",
		"0a02220ab46eb02034d8e58f69fa1ac926f7e9a2b62a69c5c3a179a26edd6491",
	},
}

// bigCodeBenchReleases are all that were published, of both subsets.
func bigCodeBenchReleases() []Info {
	var out []Info
	for _, version := range []string{"v0.1.4", "v0.1.3", "v0.1.2", "v0.1.1", "v0.1.0_hf"} {
		out = append(out, bigCodeBench("bigcodebench", version, 1140, bigCodeBenchFull))
	}
	for _, i := range slices.Clone(out) {
		out = append(out, bigCodeBench("bigcodebench-hard", i.Version, len(hard), bigCodeBenchHard))
	}
	return out
}

// bigCodeBench describes a version. Hard is read from the file of all problems,
// whose checksum is known.
func bigCodeBench(name, version string, problems int, format format) Info {
	const file = "BigCodeBench.jsonl.gz"
	named := "BigCodeBench-" + version
	i := Info{
		Name: name, Version: version, Default: version == "v0.1.4",
		Problems: problems, Sets: baseOnly, Licence: "Apache-2.0", Origin: "bigcode-project/bigcodebench-annotation",
		URL:  bigCodeBenchURL + version + "/" + file,
		File: file, also: []string{named + ".jsonl.gz", named + ".jsonl", "BigCodeBench.jsonl"},
		Sums: bigCodeBenchSums[version], Libraries: "bigcodebench", Python: bigCodeBenchPython, format: format,
	}
	if i.Default {
		i.Bytes = 1_072_487
	}
	return i
}

func bigCodeBenchFull(d *dataset) ([]*Problem, error) {
	var c collector
	err := d.eachLine(func(r row) error {
		p := &Problem{Oracle: Unittest, TestCase: "TestCases"}
		var body, code string
		err := r.strings(map[string]*string{
			"task_id": &p.ID, "complete_prompt": &p.Prompt, "instruct_prompt": &p.Instruct, "entry_point": &p.EntryPoint,
			"canonical_solution": &body, "code_prompt": &code, "test": &p.Test,
		})
		if err != nil {
			return err
		}
		p.Canonical = p.Prompt + "\n" + body
		p.Calibration = code + "\n    pass\n"
		return c.add(r, p)
	})
	return c.problems, err
}

// bigCodeBenchHard leaves out what is not hard.
func bigCodeBenchHard(d *dataset) ([]*Problem, error) {
	all, err := bigCodeBenchFull(d)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p *Problem) bool {
		n, err := strconv.Atoi(strings.TrimPrefix(p.ID, "BigCodeBench/"))
		_, isHard := slices.BinarySearch(hard, n)
		return err != nil || !isHard
	})
	if len(all) != len(hard) {
		return nil, fmt.Errorf("%d of the %d hard problems are in it", len(all), len(hard))
	}
	return all, nil
}

// hard are the numbers of BigCodeBench-Hard's problems.
var hard = []int{
	13, 15, 17, 19, 34, 37, 82, 89, 92, 93, 99, 100, 101, 108, 120, 123, 124, 129, 139, 147, 161, 162,
	177, 184, 187, 199, 208, 211, 214, 227, 239, 241, 267, 273, 274, 287, 302, 308, 310, 313, 324,
	326, 341, 346, 360, 367, 368, 374, 399, 401, 409, 417, 418, 424, 443, 445, 454, 458, 461, 477,
	486, 492, 501, 502, 503, 509, 511, 513, 526, 528, 530, 532, 553, 560, 567, 574, 579, 582, 583,
	587, 590, 592, 593, 594, 618, 636, 637, 654, 655, 657, 678, 720, 723, 752, 760, 763, 765, 771,
	777, 785, 800, 826, 845, 854, 857, 865, 870, 879, 897, 906, 914, 915, 916, 917, 928, 942, 945,
	952, 955, 963, 964, 969, 971, 985, 988, 990, 998, 999, 1003, 1004, 1006, 1008, 1012, 1013, 1015,
	1019, 1020, 1022, 1039, 1040, 1042, 1053, 1057, 1077, 1085, 1124, 1129, 1137,
}
