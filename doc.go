// Package assay runs programs that nobody trusts and says, for the same bytes
// in, the same verdict out: on any machine, under any load.
//
// The command is in cmd/assay. This package holds only the test that keeps the
// imports between the rooms pointing one way.
package assay
