// Package testkit is for tests only: it finds the data sets and published
// samples that the repository does not hold (in the folder data of ASSAY_SHARED,
// by default ../shared beside the repository), makes the small files that tests
// read, and compiles JSON Schemas.
//
// Invariant: a test that lacks its data says so and is skipped, and fails where
// ASSAY_REQUIRE is set.
//
// It imports nothing of assay.
package testkit
