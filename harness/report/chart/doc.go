// Package chart draws the charts of a report as SVG elements for a page of HTML.
//
// Invariant: a chart is a function of its numbers and names. It has no style, no
// script and no colour of its own: text and axes have the page's colour, series
// the page's variables --c0, --c1, …, so that one drawing does for light and dark
// and under a policy that allows no inline style. Every chart says in words what
// it shows.
//
// It imports nothing of ours.
package chart
