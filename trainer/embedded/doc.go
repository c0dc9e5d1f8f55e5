// Package embedded is the trainer that is in the program: small models of Llama's
// kind, on processors, with nothing to install.
//
// Invariant: the same run directory gives the same bytes on one kind of
// processor, however many of them work, and whether the run went through or was
// stopped and went on. Rows are never cut: those that are too long are left out
// and counted. The loss is package objective's, to the bit of its formula.
//
// It imports trainer, trainer/mask, trainer/objective and internal, and below
// itself llama and kernel.
package embedded
