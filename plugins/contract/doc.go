// Package contract is what every plugin of a kind must do, built in or not, as
// checks that run against one: model backends, trainers, language runtimes.
//
// Invariant: a check that fails names what the subject did and what was wanted;
// one that keeps the contract passes, whatever its answers are.
//
// It imports the kinds' interfaces (harness/model, trainer, runtimes/language),
// trainer/rundir, and what compiled programs run by: runtimes/compiled and below.
package contract
