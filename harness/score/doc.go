// Package score turns judged samples into pass@k, with the number of samples
// behind it and an interval around it, and compares two runs task by task.
//
// Invariant: a score is a function of the records alone. Nothing here draws
// from a clock or from a shared random source, sums run in sorted order, and a
// fault of ours (infra_error) is left out of every score and counted beside it.
//
// Sources of the formulas: the estimator is that of Chen et al., "Evaluating
// Large Language Models Trained on Code" (arXiv:2107.03374, equation 1); the
// exact interval is Clopper and Pearson's (Biometrika 26, 1934); the
// percentile bootstrap over tasks is in Efron and Tibshirani, "An Introduction
// to the Bootstrap" (1993, chapter 13); the exact paired test is McNemar's
// conditional one (Psychometrika 12, 1947), and its bootstrap sibling follows
// Koehn, "Statistical Significance Tests for Machine Translation Evaluation"
// (2004).
//
// It imports harness for the records, and nothing else of ours.
package score
