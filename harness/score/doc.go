// Package score turns judged samples into pass@k, with the number of samples
// behind it and an interval around it, and compares two runs task by task.
//
// Invariant: a score is a function of the records alone. Nothing here draws
// from a clock or from a shared random source, sums run in sorted order, and a
// fault of ours (infra_error) is left out of every score and counted beside it.
//
// Sources of the formulas: the estimator is that of Chen et al., "Evaluating
// Large Language Models Trained on Code" (arXiv:2107.03374, equation 1); the
// exact interval is Clopper and Pearson's (Biometrika 26, 1934), for one sample a
// task; else it is the Bayesian bootstrap of Rubin (Annals of Statistics 9, 1981)
// over tasks, with the prior of Jeffreys' interval (Brown, Cai and DasGupta,
// "Interval Estimation for a Binomial Proportion", Statistical Science 16, 2001):
// half a task at 0 and half a task at 1, so that an interval has a width and keeps
// its coverage where all samples agree. The exact paired test is McNemar's
// conditional one (Psychometrika 12, 1947), and its sibling for several samples
// Fisher's permutation of signs ("The Design of Experiments", 1935, chapter 3).
//
// It imports harness for the records, and nothing else of ours.
package score
