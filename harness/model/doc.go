// Package model says what a model backend is: something that answers requests.
//
// The messages are plain data, field by field what a protocol buffer has, so
// that a backend may as well be another process. A backend answers one request
// or says of which kind its failure is; when to try again, how many at once and
// what is kept is the business of package dispatch.
//
// Invariant: two equal requests mean the same question; nothing in a message
// depends on the time, the machine or the backend.
//
// It imports nothing of assay.
package model
