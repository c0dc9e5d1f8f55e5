package report

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// FuzzFolders: whatever the files of a folder hold, it is refused or reported on,
// in every format.
func FuzzFolders(f *testing.F) {
	dir := f.TempDir()
	read := func(path ...string) string {
		data, err := os.ReadFile(filepath.Join(append([]string{dir}, path...)...))
		if err != nil {
			f.Fatal(err)
		}
		return string(data)
	}
	after(f, filepath.Join(dir, "e"))
	flowFolder(f, filepath.Join(dir, "f"))
	trainingFolder(f, filepath.Join(dir, "t"), true)
	for _, files := range [][6]string{
		{"results.jsonl", read("e", "results.jsonl"), "summary.json", read("e", "summary.json"), "cost.json", read("e", "cost.json")},
		{"traces.jsonl", read("f", "traces.jsonl"), "stats.json", read("f", "stats.json"), "x", ""},
		{"manifest.json", read("t", "manifest.json"), "metrics.jsonl", read("t", "metrics.jsonl"), "result.json", read("t", "result.json")},
		{"results.jsonl", `{"version":1,"task_id":"a","verdict":"infra_error"}` + "\n", "summary.json", `{"version":1}`, "cost.json", `{"version":1}`},
		{"traces.jsonl", `{"version":1,"task_id":"a","outcome":"dropped"}` + "\n", "stats.json", `{"version":1,"iterations":[{"traces":1,"rate":{"value":1e308,"interval":{"low":-1e308,"high":1e308}}}]}`, "x", ""},
		{"manifest.json", "{}", "metrics.jsonl", `{"step":1e308,"loss":-1e308}` + "\n" + `{"step":-1e308,"loss":1e308}` + "\n", "result.json", "{}"},
	} {
		f.Add(files[0], files[1], files[2], files[3], files[4], files[5])
	}
	f.Fuzz(func(t *testing.T, name1, text1, name2, text2, name3, text3 string) {
		dir := t.TempDir()
		put(t, dir, "config.json", "{}")
		for name, text := range map[string]string{name1: text1, name2: text2, name3: text3} {
			switch name {
			case "results.jsonl", "summary.json", "cost.json", "traces.jsonl", "stats.json", "manifest.json", "metrics.jsonl", "result.json":
				put(t, dir, name, text)
			}
		}
		r, err := Open(t.Context(), []string{dir, dir}, Options{})
		if err != nil {
			return
		}
		for _, format := range Formats {
			var b bytes.Buffer
			if err := r.Write(&b, format); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			if format != HTML { // whose own script has what it likes
				noControls(t, b.String())
			}
		}
	})
}
