package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/mask"
)

// outline is the text of a page as a reader gets it, a line for each block;
// cells of a row are apart by " | ".
func outline(t testing.TB, page string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(strings.Join(strings.Fields(n.Data), " "))
			return
		case n.Data == "script" || n.Data == "style" || n.Data == "svg":
			if n.Data == "svg" {
				b.WriteString("\n[chart]")
			}
			return
		case slices.Contains([]string{"td", "th", "dd", "option", "a"}, n.Data):
			b.WriteString(" | ")
		case slices.Contains([]string{"tr", "p", "h1", "h2", "h3", "caption", "figcaption", "div", "section", "form", "li", "header"}, n.Data):
			b.WriteString("\n")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return regexp.MustCompile(`\n\s*`).ReplaceAllString(b.String(), "\n") + "\n"
}

// pagesOf are the pages that a report holds for its script.
func pagesOf(t testing.TB, doc *html.Node, id string) []page {
	t.Helper()
	var out []page
	for n := range doc.Descendants() {
		if n.Data != "script" || !slices.Contains(n.Attr, html.Attribute{Key: "id", Val: "pages-" + id}) {
			continue
		}
		var packed string
		if err := json.Unmarshal([]byte(n.FirstChild.Data), &packed); err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(packed)))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsAny(text, "<>") {
			t.Error("a page's JSON has < or > in it")
		}
		if err := json.Unmarshal(text, &out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestNarrowNotes: a failure that may come of the guest's 32 bits says so in its page.
func TestNarrowNotes(t *testing.T) {
	dir := resultsFolder(t, filepath.Join(t.TempDir(), "r"), "",
		sample("T/1", "wrong_answer", "print(hash(10**12))\n", &harness.Failure{Set: "base"}), sample("T/2", "pass", "print(hash(10**12))\n", nil))
	doc, err := html.Parse(strings.NewReader(rendered(t, HTML, dir)))
	if err != nil {
		t.Fatal(err)
	}
	note := [2]string{"to know", "32-bit: the program hashes numbers or texts with hash() (line 1)"}
	for i, p := range pagesOf(t, doc, "e0") {
		if slices.Contains(p.Facts, note) != (i == 0) {
			t.Errorf("%+v", p.Facts)
		}
	}
}

// TestPages: what is known of a sample and of a trace is in its page.
func TestPages(t *testing.T) {
	evals, flows, _ := folders(t)
	doc, err := html.Parse(strings.NewReader(rendered(t, HTML, append(evals, flows...)...)))
	if err != nil {
		t.Fatal(err)
	}
	samples := pagesOf(t, doc, "e0")
	if len(samples) != 4 {
		t.Fatalf("%d pages, want 4", len(samples))
	}
	wrong := samples[1]
	if wrong.Title != "Tiny/3 #0" || wrong.Verdict != "wrong_answer" || wrong.Facts[2] != [2]string{"fuel", "52,000"} || wrong.Facts[3] != [2]string{"peak memory", "20.0 MiB"} {
		t.Errorf("%+v", wrong)
	}
	var heads []string
	for _, p := range wrong.Parts {
		heads = append(heads, p.Head)
	}
	if got := strings.Join(heads, ", "); got != "input 1 of base, expected, program" {
		t.Errorf("parts: %s", got)
	}
	// The values differ in one word.
	if got := fmt.Sprint(stretches(wrong.Parts[1].text), stretches(wrong.Parts[1].Beside.text)); got != "[0:[1, 2, ' 7:three 0:'] ] [0:[1, 2, ' 8:x 0:'] ]" {
		t.Errorf("the difference: %s", got)
	}
	if got := fmt.Sprint(stretches(wrong.Parts[2].text)); !strings.HasPrefix(got, "[1:def 0:  2:three 0:(x):\n     6:# a guess") {
		t.Errorf("the program: %s", got)
	}
	raised := samples[2]
	if !slices.Equal(raised.Parts[len(raised.Parts)-1].Lines, []int{2}) {
		t.Errorf("the line that raised isn't pointed out: %+v", raised)
	}
	tested := pagesOf(t, doc, "e1")[2].Parts
	if list, raised := tested[len(tested)-2], tested[len(tested)-1]; list.Text != "pass   test_case_1\nfail   test_case_2\n" || raised.Head != "raised in test_case_2" || !strings.HasPrefix(raised.Text, "AssertionError: None != 10\n\n  File") {
		t.Errorf("tests: %+v %+v", list, raised)
	}
	traces := pagesOf(t, doc, "f0")
	heads = nil
	for _, p := range traces[0].Parts {
		heads = append(heads, p.Head)
	}
	if got := strings.Join(heads, ", "); got != "task, iteration 0: wrong_answer, held out: wrong_answer, expected, the model is told, iteration 1: pass, held out: pass" {
		t.Errorf("steps: %s", got)
	}
	if last := traces[0].Parts[len(traces[0].Parts)-1]; !slices.Equal(last.Lines, []int{2}) {
		t.Errorf("lines that are new: %v", last.Lines)
	}
	if got := traces[1].Parts[1]; got.Text != "I'd rather not." {
		t.Errorf("an answer without a program: %+v", got)
	}
}

// stretches are a text's runs as "class:text".
func stretches(x text) []string {
	units := utf16.Encode([]rune(x.Text))
	var out []string
	for i := 0; i < len(x.Runs); i += 2 {
		out = append(out, fmt.Sprintf("%d:%s", x.Runs[i], string(utf16.Decode(units[:x.Runs[i+1]]))))
		units = units[x.Runs[i+1]:]
	}
	return append(out, string(utf16.Decode(units)))
}

// hostile are texts that would do harm where they are taken for more than text.
var hostile = []string{
	`</script><script>window.hacked=1</script>`,
	`<!--<script>`,
	`<img src=x onerror="window.hacked=1">`,
	`" onmouseover="window.hacked=1" x="`,
	`'; window.hacked=1; '`,
	`{{.Script}} ${window.hacked=1} [x](javascript:window.hacked=1) <javascript:x>`,
	"\x1b[2J\x1b]0;owned\x07",
	"a\x00b\x7f\u0085\u2028\u2029",
	"\u202egnp.exe\u2066\ufeff",
	"\xed\xa0\x80 lone \xff\xfe",
	"=cmd|' /C calc'!A0",
	"@everyone ``` | `x` |\n| --- |\n# title\n</details>",
	strings.Repeat("huge ", 40_000),
	strings.Repeat("(", 30_000),
	`"""` + strings.Repeat(`\`, 5_000),
	strings.Repeat("👩‍👩‍👧 ", 100),
}

// hostileRun has each hostile text in every place that a file or a guest fills.
func hostileRun(t testing.TB, dir string) string {
	var samples []judged
	for i, h := range hostile {
		// A JSON file can hold what is no UTF-8 only as escapes.
		v := harness.Verdict([]string{"wrong_answer", "exception", h}[i%3])
		s := sample(fmt.Sprintf("H/%d %s", i, h), v, h+"\n", &harness.Failure{
			Set: h, Args: h, Expected: h, Actual: "x" + h, Detail: h,
			Exception: &runtimes.ExceptionInfo{Type: h, Message: h, Traceback: h, Line: 1},
		})
		s.Oracle, s.OwnSolution, s.Base, s.Plus = h, h, harness.Verdict(h), harness.Verdict(h)
		s.Tests = []runtimes.TestResult{{Name: h, Outcome: runtimes.TestOutcome(h), Exception: s.Failure.Exception}}
		samples = append(samples, s)
	}
	return resultsFolder(t, dir, hostile[0], samples...)
}

// hostileFlow and hostileTraining have them in the other kinds of folders.
func hostileFlow(t testing.TB, dir string) string {
	t.Helper()
	var lines strings.Builder
	for _, h := range hostile {
		failure := &harness.Failure{Set: h, Args: h, Expected: h, Actual: h + "x", Exception: &runtimes.ExceptionInfo{Type: h, Message: h, Traceback: h}}
		step := codeflow.Step{Chosen: true, Program: h, Tests: h, Verdict: harness.Verdict(h), HeldOut: harness.Verdict(h), Failure: failure, Feedback: h, ProgramSHA256: h}
		text, err := json.Marshal(codeflow.Trace{
			Version: codeflow.TraceVersion, TaskID: h, Source: h, Prompt: h, Entry: h, Language: h, Outcome: codeflow.Dropped, Reason: h,
			Overlap: &codeflow.Overlap{Problem: h, Words: h}, Quality: &codeflow.Quality{Trivial: h, Flaky: h},
			Steps: []codeflow.Step{step, {Iteration: 1, Chosen: true, Answer: h}, step},
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%s\n", text)
	}
	put(t, dir, codeflow.TracesName, lines.String())
	h := hostile[0]
	put(t, dir, codeflow.StatsName, codeflow.Stats{Version: codeflow.StatsVersion, Source: h, Options: codeflow.Options{Model: h}, Dropped: map[string]int{h: 1},
		Iterations: []codeflow.IterationStats{{Traces: 1, Chosen: map[harness.Verdict]int{harness.Verdict(h): 1}}}, Moves: []codeflow.Move{{From: harness.Verdict(h), To: harness.Verdict(h)}}})
	return dir
}

func hostileTraining(t testing.TB, dir string) string {
	t.Helper()
	h := hostile[0]
	put(t, dir, trainer.ManifestFile, trainer.Manifest{Trainer: h, Method: h, Mask: mask.Kind(h)})
	put(t, dir, trainer.ConfigFile, trainer.Training{Model: h})
	figures := trainer.Figures{"step": 1, "loss": 1e300}
	for _, h := range hostile[:12] {
		figures[h] = -1e-300
	}
	put(t, dir, trainer.MetricsFile, figures)
	return dir
}

// TestHostileHTML: whatever a text is, the page has the elements that it always
// has, one script, which its policy names, and no control.
func TestHostileHTML(t *testing.T) {
	dir := t.TempDir()
	run := hostileRun(t, filepath.Join(dir, `"><b>`))
	r, err := Open(t.Context(), []string{run, run, hostileFlow(t, filepath.Join(dir, "f")), hostileTraining(t, filepath.Join(dir, "t"))}, Options{Title: hostile[0]})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Write(&b, HTML); err != nil {
		t.Fatal(err)
	}
	noControls(t, b.String())
	doc, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields("html head meta title style body header h1 nav ul li a button noscript p main section h2 h3 dl div dt dd figure figcaption svg path rect circle text table caption thead tbody tr th td span form label select option input output script")
	scripts, policies := 0, 0
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment: %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(known, n.Data) {
			t.Errorf("an element <%s>", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src":
				t.Errorf("<%s %s=%.40q>", n.Data, a.Key, a.Val)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "#"):
				t.Errorf("a link to %q", a.Val)
			case a.Key == "http-equiv":
				policies++
				content := n.Attr[1].Val
				for _, want := range []string{"default-src 'none'", "script-src '" + hash(pageScript) + "';", "style-src '" + hash(pageStyle) + "';", "require-trusted-types-for 'script'"} {
					if !strings.Contains(content, want) {
						t.Errorf("the policy lacks %s: %s", want, content)
					}
				}
			}
		}
		switch n.Data {
		case "script":
			if !slices.Contains(n.Attr, html.Attribute{Key: "type", Val: "application/json"}) {
				scripts++
				if n.FirstChild.Data != pageScript {
					t.Error("a script that is not the page's")
				}
			}
		case "style":
			if n.FirstChild.Data != pageStyle {
				t.Error("a style that is not the page's")
			}
		}
	}
	if scripts != 1 || policies != 1 {
		t.Errorf("%d scripts, %d policies", scripts, policies)
	}
	for _, p := range append(pagesOf(t, doc, "e0"), pagesOf(t, doc, "f0")...) {
		noControls(t, p.Title+p.Verdict+fmt.Sprint(p.Facts))
		for _, part := range p.Parts {
			noControls(t, part.Head+part.Text)
			if len(part.Text) > 8*mostProgram {
				t.Errorf("%s: %d bytes", part.Head, len(part.Text))
			}
		}
	}
}

func noControls(t testing.TB, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Error("what is shown is no UTF-8")
	}
	for _, r := range s {
		if r != '\n' && r != '\t' && !unicode.IsGraphic(r) {
			t.Errorf("the character %U is shown as it is", r)
			return
		}
	}
}

// TestHostileElsewhere: in Markdown texts are spans of code on one line; in CSV
// no cell is a formula.
func TestHostileElsewhere(t *testing.T) {
	dir := t.TempDir()
	run, flow, training := hostileRun(t, filepath.Join(dir, "x")), hostileFlow(t, filepath.Join(dir, "f")), hostileTraining(t, filepath.Join(dir, "t"))
	var md, table bytes.Buffer
	for _, w := range []struct {
		to   *bytes.Buffer
		f    Format
		dirs []string
	}{{&md, Markdown, []string{run, run, flow, training}}, {&table, CSV, []string{run}}, {&table, CSV, []string{flow}}} {
		r, err := Open(t.Context(), w.dirs, Options{Title: hostile[0]})
		if err == nil {
			err = r.Write(w.to, w.f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	noControls(t, md.String())
	for _, l := range strings.Split(withoutCode(md.String()), "\n") {
		for _, bad := range []string{"hacked", "<script", "<img", "javascript:", "everyone", "# title", "calc"} {
			if strings.Contains(l, bad) {
				t.Errorf("%q is outside of code: %.200q", bad, l)
			}
		}
	}
	noControls(t, table.String())
	for _, l := range strings.Split(table.String(), "\n") {
		if regexp.MustCompile(`(^|,)"?[=+@-]`).MatchString(l) {
			t.Errorf("a formula: %.200q", l)
		}
	}
}

// withoutCode leaves the code out of Markdown: elements, and spans as CommonMark
// finds them, a run of backticks up to the next run of the same length.
func withoutCode(md string) string {
	var out strings.Builder
	for l := range strings.Lines(regexp.MustCompile("<code>[^<]*</code>").ReplaceAllString(md, "")) {
		for l != "" {
			at := strings.IndexByte(l, '`')
			if at < 0 {
				out.WriteString(l)
				break
			}
			out.WriteString(l[:at])
			l = l[at:]
			n := len(l) - len(strings.TrimLeft(l, "`"))
			end := closing(l[n:], n)
			if end < 0 {
				out.WriteString(l)
				break
			}
			l = l[n+end+n:]
		}
	}
	return out.String()
}

// closing finds a run of exactly n backticks.
func closing(s string, n int) int {
	for at := 0; at < len(s); {
		if s[at] != '`' {
			at++
			continue
		}
		run := len(s[at:]) - len(strings.TrimLeft(s[at:], "`"))
		if run == n {
			return at
		}
		at += run
	}
	return -1
}

// TestRoom: a report holds what it has room for, and says what it hasn't.
func TestRoom(t *testing.T) {
	room := 700
	b := book{room: &room}
	for range 3 {
		if err := b.add(page{Title: strings.Repeat("x", 300)}); err != nil {
			t.Fatal(err)
		}
	}
	if b.left != 2 && b.left != 1 || string(b.pages[2]) != "null" || string(b.pages[0]) == "null" {
		t.Errorf("%d left, room %d", b.left, room)
	}
	if room < 0 {
		t.Errorf("room %d", room)
	}
}

// FuzzShown: any text comes out as one that can be shown, and its stretches are
// the whole of it.
func FuzzShown(f *testing.F) {
	for _, h := range hostile {
		h = h[:min(len(h), 1000)]
		f.Add(h, "x"+h)
	}
	f.Add("def f(x):\n    return '''\n", "\"\"\"")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 1<<11 {
			return // differences of long texts are TestHostileHTML's
		}
		e, x := difference(a, b)
		for _, got := range []text{program(a, ""), program(b, "go"), program(a, "nosuch"), e, x} {
			noControls(t, got.Text)
			if joined := strings.Join(stretchTexts(got), ""); joined != got.Text {
				t.Errorf("stretches %q of %q", joined, got.Text)
			}
		}
		noControls(t, mono(a))
		if strings.Contains(withoutCode(mono(a)), "x") {
			t.Errorf("%q is no span of code", mono(a))
		}
	})
}

func stretchTexts(x text) []string {
	var out []string
	for _, s := range stretches(x) {
		if _, rest, ok := strings.Cut(s, ":"); ok && len(out) < len(x.Runs)/2 {
			s = rest
		}
		out = append(out, s)
	}
	return out
}

// TestPageKnowsTheNumbers: classes of text and colours are numbers in a page;
// its script and its style have names for all of them.
func TestPageKnowsTheNumbers(t *testing.T) {
	list := regexp.MustCompile(`const classes = \[(.*)\];`).FindStringSubmatch(pageScript)
	if list == nil || len(strings.Split(list[1], ",")) != int(added)+1 {
		t.Errorf("the script's classes are not the %d of text.go: %q", int(added)+1, list)
	}
	for i := range int(series(5)) + 1 {
		if !strings.Contains(pageStyle, fmt.Sprintf("--c%d: light-dark(", i)) {
			t.Errorf("no colour %d", i)
		}
		if i != other && !strings.Contains(pageStyle, fmt.Sprintf(".v%d {", i)) {
			t.Errorf("no class of colour %d", i)
		}
	}
}
