// Package datatest finds for tests what the repository does not hold: data sets
// and published samples, in the folder data of ASSAY_SHARED (default ../shared,
// beside the repository).
//
// Invariant: a test that lacks them says so and is skipped, and fails where
// ASSAY_REQUIRE is set.
//
// It imports nothing of ours.
package datatest
