package pairs

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/mask"
)

// pairsIn reads a file as a trainer does.
func pairsIn(t *testing.T, path string) []trainer.Pair {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := trainer.NewPairReader(path, f)
	if err != nil {
		t.Fatal(err)
	}
	var out []trainer.Pair
	for {
		p, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
}

func covered(text string, m mask.Mask) (out []string) {
	for _, s := range m.Spans {
		out = append(out, text[s.Start:s.End])
	}
	return out
}

// TestSpans: the awkward differences, from a trace to what a trainer reads.
func TestSpans(t *testing.T) {
	for _, c := range []struct {
		name, rejected, chosen string
		minus, plus            []string
	}{
		{"deletion only", "a\nc\n", "a\nb\nc\n", nil, []string{"b\n"}},
		{"blank line", "a\n\nb\n", "a\nb\n", []string{"\n"}, nil},
		{"twin lines", "x\nx\n", "x\n", []string{"x\n"}, nil},
		{"moved line", "a\nb\nc\n", "b\nc\na\n", []string{"a\n"}, []string{"a\n"}},
		{"CRLF only", "a\r\nb\n", "a\nb\n", []string{"a\r\n"}, []string{"a\n"}},
		{"tabs", "if x:\n\ty\n", "if x:\n        y\n", []string{"\ty\n"}, []string{"        y\n"}},
		{"no final newline", "a\nb", "a\nb\n", nil, nil}, // the fence stands in a line of its own
		{"trailing space", "a \nb\n", "a\nb\n", []string{"a \n"}, []string{"a\n"}},
		{"form feed", "a\fb\nc\n", "a\fB\nc\n", []string{"a\fb\n"}, []string{"a\fB\n"}},
		{"U+2028", "a\u2028b\nc\n", "a\u2028B\nc\n", []string{"a\u2028b\n"}, []string{"a\u2028B\n"}},
		{"wrong indent", "def f():\n  return 1\n", "def f():\n    return 1\n", []string{"  return 1\n"}, []string{"    return 1\n"}},
		{"several bytes a character", "é = 'ß'\nx\n", "é = 'ss'\nx\n", []string{"é = 'ß'\n"}, []string{"é = 'ss'\n"}},
		{"identical", "a\nb\n", "a\nb\n", nil, nil},
		{"a fence inside", "s = '''\n```\n'''\nx\n", "s = '''\n```\n'''\ny\n", []string{"x\n"}, []string{"y\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := configFor(t, writeTraces(t, way("T/1", c.rejected, c.chosen)))
			made(t, cfg)
			pairs := pairsIn(t, cfg.Out)
			if len(pairs) != 1 {
				t.Fatalf("%d pairs", len(pairs))
			}
			p := pairs[0]
			if diff := cmp.Diff(c.minus, covered(p.Rejected, p.RejectedSpans)); diff != "" {
				t.Errorf("D⁻ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.plus, covered(p.Chosen, p.ChosenSpans)); diff != "" {
				t.Errorf("D⁺ (-want +got):\n%s", diff)
			}
			fence, _, _ := strings.Cut(p.Chosen, "python\n")
			if !strings.HasSuffix(p.Chosen, "\n"+fence) || strings.Contains(c.chosen, fence) || p.Prompt != "Write T/1.\n" {
				t.Errorf("chosen %q, prompt %q", p.Chosen, p.Prompt)
			}
		})
	}
	cfg := configFor(t, writeTraces(t, way("T/1", "", "a\n")))
	if card := made(t, cfg); card.Counts.NoEarlier != 1 || card.Counts.Pairs != 0 {
		t.Errorf("an empty version: %+v", card.Counts)
	}
}

// TestFilters: each at its border.
func TestFilters(t *testing.T) {
	lines := func(n int) string { return strings.Repeat("x = x + 1\n", n) }
	long := "s = '" + strings.Repeat("a", 3*2048-7) + "'\n" // 2,048 tokens of three bytes
	for _, c := range []struct {
		name, rejected, chosen, dropped string
	}{
		{"a comment", "# why\nx = 1\n", "x = 1\n", OnlyComments},
		{"comments and blank lines", "\n  # why\n\t#!\nx = 1\n", "x = 1\n", OnlyComments},
		{"a comment at the end of code", "x = 1 # why\n", "x = 2\n", ""},
		{"a blank line is no comment", "\nx = 1\n", "x = 1\n", EqualTrees},
		{"only lacks lines", "x = 1\n", "x = 1\ny = 2\n", ""},
		{"20 lines", lines(20), "y = 1\n", ""},
		{"21 lines", lines(21), "y = 1\n", ManyLines},
		{"21 comments", strings.Repeat("# c\n", 21) + "x\n", "x\n", OnlyComments},
		{"2,048 tokens", long + "x\n"[:0], "x = 1\n", ""},
		{"one byte more", long + "\n", "x = 1\n", ManyTokens},
		{"one byte more, chosen", "x = 1\n", long + "\n", ManyTokens},
		{"blanks", "x  =  1\n", "x = 1\n", EqualTrees},
		{"identical", "x = 1\n", "x = 1\n", EqualTrees},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := configFor(t, writeTraces(t, way("T/1", c.rejected, c.chosen)))
			cfg.Runtime = bare
			n := made(t, cfg).Counts
			left := 1
			for _, f := range n.Filters {
				want := 0
				if f.Name == c.dropped {
					want, left = 1, 0
				}
				if f.Dropped != want || f.Left != left {
					t.Errorf("%s dropped %d and left %d", f.Name, f.Dropped, f.Left)
				}
			}
			if n.Kept != left {
				t.Errorf("kept %d", n.Kept)
			}
		})
	}
}

// TestSimilar: another name or a comment more makes no new pair; --keep-similar
// keeps them all.
func TestSimilar(t *testing.T) {
	first := manyTraces(1)[0].Last().Program
	other := strings.ReplaceAll(strings.ReplaceAll(first, "value", "other"), "total", "sum")
	cfg := configFor(t, writeTraces(t, way("T/1", "x = 1\n", first), way("T/2", "x = 1\n", first+"# again\n"), way("T/3", "x = 1\n", other)))
	cfg.MaxLines = 100
	n := made(t, cfg).Counts
	if got := pairsIn(t, cfg.Out); len(got) != 2 || got[0].ID != "T/1#0" || got[1].ID != "T/3#0" || n.Filters[4] != (Filtered{Similar, 1, 2}) {
		t.Errorf("kept %d: %+v", len(got), n)
	}
	cfg.KeepSimilar = true
	if n := made(t, cfg).Counts; n.Kept != 3 || len(n.Filters) != 4 {
		t.Errorf("%+v", n)
	}
}

func TestPicks(t *testing.T) {
	trace := way("T/1", "a\nb\nc\n", "a\nx\nc\ne\n", "a\nb\nc\nd\nf\ng\n", "a\nb\nc\nd\n")
	versions := earlier(&trace)
	for pick, want := range map[Pick]int{First: 0, Last: 2, Closest: 0} {
		if got := pick.of(versions, trace.Last().Program, "T/1#0", 0).Iteration; got != want {
			t.Errorf("%s took %d, want %d", pick, got, want)
		}
	}
	took := map[int]int{}
	for seed := range uint64(300) {
		took[Random.of(versions, "", "T/1#0", seed).Iteration]++
	}
	if took[0] < 60 || took[1] < 60 || took[2] < 60 {
		t.Errorf("300 seeds took %v", took)
	}
	if Pick("best").Check() == nil || Closest.Check() != nil {
		t.Error("Check")
	}
}

// TestSameBytes: traces and options decide every byte of every file.
func TestSameBytes(t *testing.T) {
	dir := writeTraces(t, manyTraces(1200)...)
	for _, format := range []Format{Text, Conversational} {
		cfg := configFor(t, dir)
		cfg.Runtime, cfg.Format = bare, format
		all := func() string {
			made(t, cfg)
			return read(t, cfg.Out) + read(t, ParquetPath(cfg.Out)) + read(t, CardPath(cfg.Out)) + read(t, filepath.Join(filepath.Dir(cfg.Out), CardName))
		}
		first := all()
		cfg.Workers = 7
		if all() != first {
			t.Errorf("%s: other bytes the second time", format)
		}
		cfg.Seed = 1
		if all() == first {
			t.Errorf("%s: another seed changes nothing", format)
		}
	}
}

// TestParquet: the columns have what the lines have.
func TestParquet(t *testing.T) {
	cfg := configFor(t, writeTraces(t, manyTraces(150)...))
	made(t, cfg)
	rows, err := parquet.ReadFile[columnsOf[string]](ParquetPath(cfg.Out))
	if err != nil {
		t.Fatal(err)
	}
	pairs := pairsIn(t, cfg.Out)
	if len(rows) != len(pairs) || len(rows) < 20 {
		t.Fatalf("%d rows, %d lines", len(rows), len(pairs))
	}
	for i, p := range pairs {
		r := rows[i]
		if r.ID != p.ID || r.Prompt != p.Prompt || r.Chosen != p.Chosen || r.Rejected != p.Rejected ||
			len(r.RejectedSpans) != len(p.RejectedSpans.Spans) || !cmp.Equal(r.ChosenSpans, lists(p.ChosenSpans.Spans)) {
			t.Errorf("row %d: %+v, line %+v", i, r, p)
		}
	}
}

// TestCompletions: answers go on from the prompt, and D⁻ stands where it does in
// them; what doesn't go on from it is no version.
func TestCompletions(t *testing.T) {
	way := way("T/1", "import os\n", "def f(x):\n    # what?\n    return x - 1\n", "def f(x):\n    # what?\n    return x + 1\n")
	way.Prompt = "def f(x):\n"
	other := way
	other.TaskID, other.Prompt = "T/2", "def g(x):\n"
	cfg := configFor(t, writeTraces(t, way))
	cfg.Format = Completion
	made(t, cfg)
	row, err := Find(cfg.Out, 1)
	if err != nil {
		t.Fatal(err)
	}
	const rejected = "    # what?\n    return x - 1\n"
	if row.Prompt != way.Prompt || row.Chosen != "    # what?\n    return x + 1\n" || row.Rejected != rejected || row.RejectedIteration != 1 {
		t.Errorf("%+v", row)
	}
	if s := row.RejectedSpans.Spans; len(s) != 1 || rejected[s[0].Start:s[0].End] != "    return x - 1\n" {
		t.Errorf("D⁻ is %v", s)
	}
	cfg = configFor(t, writeTraces(t, other))
	cfg.Format = Completion
	if _, err := Make(t.Context(), cfg); err != nil {
		t.Errorf("a trace without such a version: %v", err)
	}
	other.Steps[0].Program = "def g(x):\n    pass\n"
	cfg = configFor(t, writeTraces(t, other))
	cfg.Format = Completion
	if _, err := Make(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "trace T/2#0: its programs don't begin with its prompt") {
		t.Errorf("%v", err)
	}
}

// TestConversations: messages, and the same pair behind them.
func TestConversations(t *testing.T) {
	cfg := configFor(t, writeTraces(t, way("T/1", "x = 1\n", "x = 2\n")))
	made(t, cfg)
	text, err := Find(cfg.Out, 1)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Format = Conversational
	made(t, cfg)
	if line := read(t, cfg.Out); !strings.Contains(line, `"prompt":[{"role":"user","content":"Write T/1."}]`) || !strings.Contains(line, `"rejected":[{"role":"assistant","content":"`) {
		t.Error(line)
	}
	messages, err := Find(cfg.Out, 1)
	if err != nil {
		t.Fatal(err)
	}
	text.Conversation = []trainer.Message{{Role: "user", Content: "Write T/1."}}
	if diff := cmp.Diff(text, messages); diff != "" {
		t.Error(diff)
	}
	changes, err := messages.Changes()
	want := []Change{{' ', "```python\n"}, {'-', "x = 1\n"}, {'+', "x = 2\n"}, {' ', "```"}}
	if err != nil || !cmp.Equal(changes, want) {
		t.Errorf("changes %+v, %v", changes, err)
	}
	messages.RejectedSpans.Spans = nil
	if _, err := messages.Changes(); err == nil {
		t.Error("spans that don't fit were shown")
	}
}

// TestRefused: what is wrong, and where.
func TestRefused(t *testing.T) {
	good := writeTraces(t, way("T/1", "x = 1\n", "x = 2\n"))
	line := read(t, filepath.Join(good, codeflow.TracesName))
	traces := func(text string) func(*testing.T, *Config) {
		return func(t *testing.T, c *Config) {
			c.Dir = filepath.Join(t.TempDir(), "t.jsonl")
			if err := os.WriteFile(c.Dir, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	there := func(name, text string) func(*testing.T, *Config) {
		return func(t *testing.T, c *Config) {
			path := filepath.Join(filepath.Dir(c.Out), name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*testing.T, *Config)
		want   string
	}{
		{"damaged", traces(line[:50]), "t.jsonl:1: it is no trace"},
		{"a later version", traces("\n" + strings.Replace(line, `"version":1`, `"version":9`, 1)), "t.jsonl:2: a trace of version 9"},
		{"twice", traces(line + line), "trace T/1#0 is there twice"},
		{"no traces", traces("\n"), "holds no trace"},
		{"no prompt", traces(strings.Replace(line, `"Write T/1."`, `""`, 1)), "pair T/1#0: prompt is missing"},
		{"an empty folder", func(t *testing.T, c *Config) { c.Dir = t.TempDir() }, "holds no traces.jsonl: assay codeflow"},
		{"no folder", func(_ *testing.T, c *Config) { c.Dir = "nosuch" }, "nosuch"},
		{"somebody's README", there("README.md", "# Mine\n"), "README.md is there and is no data card of pairs.jsonl"},
		{"another file's card", there("README.md", "---\n"+cardMark("other.jsonl")), "a data set has a folder of its own"},
		{"somebody's pairs", there("pairs.jsonl", "{}\n"), "pairs.jsonl is there, without the card"},
		{"no room", func(t *testing.T, c *Config) {
			there("file", "")(t, c)
			c.Out = filepath.Join(filepath.Dir(c.Out), "file", "p.jsonl")
		}, "file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := configFor(t, good)
			c.change(t, &cfg)
			before := listing(t, cfg.Out)
			_, err := Make(t.Context(), cfg)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if after := listing(t, cfg.Out); after != before {
				t.Errorf("left behind: %s, there was %s", after, before)
			}
		})
	}
	// Beside sound ones, a bad line is lost, and that is said.
	for text, want := range map[string]string{
		line + line[:50]: "t.jsonl:2: it is no trace",
		strings.Replace(line, `"version":1`, `"version":9`, 1) + line: "t.jsonl:1: a trace of version 9",
	} {
		cfg := configFor(t, good)
		traces(text)(t, &cfg)
		var told []string
		cfg.Progress = func(e progress.Event) { told = append(told, e.Notice) }
		card, err := Make(t.Context(), cfg)
		if err != nil || card.Counts.Traces != 1 || !strings.Contains(strings.Join(told, "\n"), want) {
			t.Errorf("%+v, %v, told %q, want %s", card, err, told, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Make(ctx, configFor(t, good)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func listing(t *testing.T, out string) string {
	t.Helper()
	entries, _ := os.ReadDir(filepath.Dir(out))
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// TestUncompared: what the guest can't say is kept, and counted.
func TestUncompared(t *testing.T) {
	cfg := configFor(t, writeTraces(t, way("T/1", "x = 1\n", "x = 2\n")))
	cfg.Runtime = trees(func(a, _ string) value.Value {
		if a == "" {
			return value.Bool(true)
		}
		return value.None{}
	})
	if n := made(t, cfg).Counts; n.Kept != 1 || n.Uncompared != 1 {
		t.Errorf("%+v", n)
	}
}
