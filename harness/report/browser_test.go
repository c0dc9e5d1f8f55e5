package report

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// The bars of a report on 1,140 samples, as many as BigCodeBench has tasks.
const (
	manySamples = 1140
	mostOpen    = 2 * time.Second
	mostBytes   = 15 << 20
)

// manyRun is a results folder as large as BigCodeBench's, whose programs and
// failures are as long as those of its published samples.
func manyRun(t testing.TB, dir string) string {
	var samples []judged
	for i := range manySamples {
		program := fmt.Sprintf("import os\nimport numpy as np\n\n\ndef task_func(path, n=%d):\n", i) +
			strings.Repeat("    \"\"\"Reads the table at path, and says what the n-th of its rows holds.\"\"\"\n    for name in sorted(os.listdir(path)):\n        total = np.sum([len(name), n])  # names count too\n", 12) + "    return total\n"
		s := sample(fmt.Sprintf("BigCodeBench/%d", i), harness.Pass, program, nil)
		if i%2 == 1 {
			s.Verdict, s.Base, s.Plus = harness.Exception, harness.Exception, harness.Exception
			s.Failure = &harness.Failure{
				Args: strings.Repeat("test_case_1, ", 40), Expected: fmt.Sprint(i) + strings.Repeat(" value", 80), Actual: fmt.Sprint(i+1) + strings.Repeat(" value", 80),
				Exception: &runtimes.ExceptionInfo{Type: "FileNotFoundError", Message: "no such file: '/tmp/x'", Line: 7,
					Traceback: strings.Repeat("  File \"solution.py\", line 7, in task_func\n    for name in sorted(os.listdir(path)):\n", 20)},
			}
		}
		s.Fuel = uint64(1_000_000 + i*i*997)
		samples = append(samples, s)
	}
	return resultsFolder(t, dir, "bigcodebench", samples...)
}

// browser opens pages in Chromium, which ASSAY_CHROMIUM names.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("ASSAY_CHROMIUM")
	if path == "" {
		t.Skip("ASSAY_CHROMIUM names no browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1400, 1400))
	ctx, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(end)
	do(t, ctx, chromedp.Navigate("about:blank")) // its own start is no page's
	ctx, end = context.WithTimeout(ctx, 30*time.Second)
	t.Cleanup(end)
	return ctx
}

// save writes a report for the browser and returns its address.
func save(t *testing.T, dirs ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	text := rendered(t, HTML, dirs...)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f MiB", float64(len(text))/(1<<20))
	if len(text) > mostBytes {
		t.Errorf("%d bytes, more than %d", len(text), mostBytes)
	}
	return "file://" + path
}

// do runs steps in the browser.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// says evaluates an expression in the page.
func says[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wait waits until an expression is true.
func wait(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression)); err != nil {
		t.Fatalf("waiting for %s: %v", expression, err)
	}
}

// shot keeps a picture for people, in the folder that ASSAY_SHOTS names.
func shot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("ASSAY_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestBrowser opens a report on as many samples as BigCodeBench has tasks, or on
// the folder that ASSAY_RESULTS names, within the bars, and uses it.
func TestBrowser(t *testing.T) {
	ctx := browser(t)
	dir := os.Getenv("ASSAY_RESULTS")
	if dir == "" {
		dir = manyRun(t, filepath.Join(t.TempDir(), "many"))
	}
	address := save(t, dir)
	do(t, ctx, chromedp.Navigate(address), chromedp.WaitVisible(chromedp.CSS("section.folder table.rows")))
	// From the start of the navigation to the frame after the last work.
	opened := time.Duration(says[float64](t, ctx, "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(Math.max(performance.getEntriesByType('navigation')[0].loadEventEnd, performance.getEntriesByName('first-contentful-paint')[0]?.startTime || 0)))))") * 1e6)
	t.Logf("opened in %v", opened)
	if opened > mostOpen {
		t.Errorf("opened in %v, more than %v", opened, mostOpen)
	}
	shot(t, ctx, "run-light")

	// Sorted by fuel, twice: the most first.
	const visible = "[...document.querySelectorAll('table.rows tbody tr')].filter(r => !r.hidden)"
	const fuel = "//table[@class='rows']//th[contains(., 'fuel')]//button"
	do(t, ctx, chromedp.Click(fuel), chromedp.Click(fuel))
	if got := says[bool](t, ctx, visible+".map(r => Number(r.querySelectorAll('[data-v]')[2].dataset.v)).every((v, i, all) => i === 0 || all[i-1] >= v)"); !got {
		t.Error("the table is not sorted by fuel, falling")
	}
	if got := says[string](t, ctx, "document.querySelector('th[aria-sort]').ariaSort"); got != "descending" {
		t.Errorf("aria-sort is %q", got)
	}
	all := says[int](t, ctx, visible+".length")
	do(t, ctx, chromedp.SetValue(chromedp.CSS(".filter select"), "exception"))
	says[bool](t, ctx, "document.querySelector('.filter select').dispatchEvent(new Event('input', {bubbles: true}))")
	if got := says[bool](t, ctx, visible+".length > 0 && "+visible+".every(r => r.dataset.word === 'exception')"); !got || says[int](t, ctx, visible+".length") >= all {
		t.Error("the filter shows more than exceptions")
	}
	do(t, ctx, chromedp.SendKeys(chromedp.CSS(".filter input"), "Error"))
	if got := says[bool](t, ctx, visible+".every(r => r.textContent.toLowerCase().includes('error'))"); !got {
		t.Error("the search shows rows without the text")
	}
	shot(t, ctx, "table-sorted")

	// A sample's page, by a click, the next one by a key, and back.
	start := time.Now()
	do(t, ctx, chromedp.Click(chromedp.CSS("table.rows tbody tr:not([hidden]) a")), chromedp.WaitVisible(chromedp.CSS("#page ol.code li")))
	t.Logf("the first sample's page after %v", time.Since(start))
	shot(t, ctx, "sample-light")
	first := says[string](t, ctx, "document.querySelector('#page h2').textContent")
	do(t, ctx, chromedp.KeyEvent("j"))
	wait(t, ctx, fmt.Sprintf("document.querySelector('#page h2')?.textContent !== %q", first))
	if got := says[string](t, ctx, "document.activeElement.id"); got != "page" {
		t.Errorf("the focus is on %q, not on the page", got)
	}
	do(t, ctx, chromedp.Click(chromedp.CSS("#theme")))
	if got := says[string](t, ctx, "getComputedStyle(document.body).backgroundColor"); got != "rgb(21, 24, 28)" {
		t.Errorf("dark ground is %s", got)
	}
	shot(t, ctx, "sample-dark")
	do(t, ctx, chromedp.KeyEvent("\x1b"), chromedp.WaitVisible(chromedp.CSS("table.rows")))
	if got := says[int](t, ctx, visible+".length"); got >= all {
		t.Error("the filter is gone after a page")
	}
	shot(t, ctx, "run-dark")
}

// TestBrowserOtherPages: runs side by side, a trace and a training run.
func TestBrowserOtherPages(t *testing.T) {
	ctx := browser(t)
	evals, flows, trainings := folders(t)
	address := save(t, append(append(evals, flows...), trainings...)...)
	do(t, ctx, chromedp.Navigate(address), chromedp.WaitVisible(chromedp.CSS("#compared")))
	shot(t, ctx, "side-by-side")
	do(t, ctx, chromedp.Click(chromedp.CSS("#compared table.rows tbody tr:nth-child(2) a")), chromedp.WaitVisible(chromedp.CSS("#page del")))
	if got := says[string](t, ctx, "[...document.querySelectorAll('#page del, #page ins')].map(e => e.textContent).join()"); got != "three,x" {
		t.Errorf("the difference is marked as %q", got)
	}
	do(t, ctx, chromedp.Click("//nav/a[text()='flow']"), chromedp.WaitVisible(chromedp.CSS("#f0")))
	shot(t, ctx, "flow")
	do(t, ctx, chromedp.Click(chromedp.CSS("#f0 table.rows a")), chromedp.WaitVisible(chromedp.CSS("#page li.point")))
	if got := says[string](t, ctx, "document.querySelector('#page li.point').textContent"); got != "    return 3" {
		t.Errorf("the line that is new is %q", got)
	}
	shot(t, ctx, "trace")
	do(t, ctx, chromedp.Click("//nav/a[text()='trained']"), chromedp.WaitVisible(chromedp.CSS("#t0 svg")))
	shot(t, ctx, "training")
}

// TestBrowserHostile: no text of a candidate runs as a script, on no page.
func TestBrowserHostile(t *testing.T) {
	ctx := browser(t)
	dir := hostileRun(t, filepath.Join(t.TempDir(), "x"))
	do(t, ctx, chromedp.Navigate(save(t, dir)), chromedp.WaitVisible(chromedp.CSS("table.rows")))
	for i := range hostile {
		says[string](t, ctx, fmt.Sprintf("location.hash = '#e0.%d'", i))
		wait(t, ctx, fmt.Sprintf("document.querySelector('#page h2')?.textContent.startsWith('H/%d ') && !document.querySelector('#page').hidden", i))
	}
	shot(t, ctx, "hostile")
	if got := says[bool](t, ctx, "'hacked' in window || document.querySelectorAll('img, script:not([type])').length !== 1"); got {
		t.Error("a text became more than text")
	}
	// Even where the page's own script would go wrong, a text is no HTML.
	if got := says[string](t, ctx, "try { document.body.innerHTML = '<b>x</b>'; 'set' } catch (e) { e.name }"); got != "TypeError" {
		t.Errorf("HTML can be set from a text: %s", got)
	}
}
