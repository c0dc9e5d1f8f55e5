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
// Charts are elements of the page: series have its variables --c0, --c1, … for
// colours, so that one drawing does for light and dark.
//
// It imports harness with its packages run, score, failures, efficiency and
// codeflow, trainer with rundir and mask (for differences), and internal.
package report
