package benchmarks

import (
	"fmt"
	"regexp"
	"strconv"
)

// lcbFiles are those of livecodebench/code_generation_lite, one for each release,
// with what it added.
var lcbFiles = []struct {
	File
	problems int
}{
	{File{"test.jsonl", lcbURL + "test.jsonl", 1_252_609_773, "2bd02b38beb48e8c46b5b9987095d999ff38cd8efc255ea5d58974317c48f63f"}, 400},
	{File{"test2.jsonl", lcbURL + "test2.jsonl", 713_377_060, "095df7c5daf15f882c51a9deb84085cff1e073495a5dbcf95015a564d485f3a3"}, 111},
	{File{"test3.jsonl", lcbURL + "test3.jsonl", 623_360_766, "28ed26cc83363ce3f1fe2d5fad9f8393077beb1907b167a31bd3b32f80801b79"}, 101},
	{File{"test4.jsonl", lcbURL + "test4.jsonl", 1_204_644_685, "d711138ddaebfcf5f8ec6a4283ee677298c0f5c5d374a235af92aaf0584510da"}, 101},
	{File{"test5.jsonl", lcbURL + "test5.jsonl", 557_699_297, "7f77571c2a6df0c2a72a3277650309f67e01e0008e18117e624633df53f81214"}, 167},
	{File{"test6.jsonl", lcbURL + "test6.jsonl", 134_303_240, "bb4c364f71921c4495a6ad15abe1a927350b720009f4933e2e71f8af0f6fd1f5"}, 175},
}

const lcbURL = "https://huggingface.co/datasets/livecodebench/code_generation_lite/resolve/0fe84c3912ea0c4d4a78037083943e8f0c4dd505/"

// lcbInfo is the version that has the files from one to another, both included,
// from 1; or none.
func lcbInfo(version string, from, to int) Info {
	i := Info{
		Name: LiveCodeBench, Version: version, Sets: baseOnly,
		Licence: "CC", Origin: "livecodebench/code_generation_lite", format: liveCodeBench, rows: true,
	}
	for _, f := range lcbFiles[from-1 : to] {
		i.Problems += f.problems
		i.Files = append(i.Files, f.File)
	}
	return i
}

// lcbReleases are the versions that the catalogue lists: all problems up to a
// release. The last one is the default.
func lcbReleases() []Info {
	var out []Info
	for n := len(lcbFiles); n > 0; n-- {
		i := lcbInfo(fmt.Sprintf("release_v%d", n), 1, n)
		i.Default = n == len(lcbFiles)
		out = append(out, i)
	}
	return out
}

var lcbWindow = regexp.MustCompile(`^v([1-6])(?:_v([1-6]))?$`)

// lcbVersion is what lcb_runner calls v5 or v4_v6, what one release, or some in a
// row, added; or another version, of which no file is known.
func lcbVersion(version string) Info {
	if m := lcbWindow.FindStringSubmatch(version); m != nil {
		from, _ := strconv.Atoi(m[1])
		to, err := strconv.Atoi(m[2])
		if err != nil {
			to = from
		}
		if from <= to {
			return lcbInfo(version, from, to)
		}
	}
	return lcbInfo(version, 1, 0)
}
