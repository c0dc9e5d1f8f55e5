// Package report shows what runs came to: eval's results folders, codeflow's
// traces and training's run directories, as one page of HTML that needs nothing
// else, as Markdown for a pull request, and as CSV.
//
// Invariant: a report is a function of the files in the folders, byte for byte.
// What a guest, a model or a file says is text in it and nothing else: controls
// and what reorders text are shown as escapes, the page's policy lets no script
// run but its own, and its script makes elements of text only. Long texts are
// cut, and said to be.
//
// It imports harness with its packages run, score, causes, cost, codeflow and
// wholefile, trainer with rundir, curves and mask (for differences), and
// report/chart.
//
// # Charts
//
// It draws the charts of a report as SVG elements for a page of HTML.
//
// Invariant: a chart is a function of its numbers and names. It has no style, no
// script and no colour of its own: text and axes have the page's colour, series
// the page's variables --c0, --c1, …, so that one drawing does for light and dark
// and under a policy that allows no inline style. Every chart says in words what
// it shows.
package report
