"""Target-DPO on TRL.

A run directory goes in (manifest.json, pairs.jsonl, config.json, written by
assay) and comes back with events.jsonl, metrics.jsonl, checkpoints and
result.json. The loss is assay's: w · mean softplus(−β(M·lp − c)) − α · (s · lp).
TRL computes the first part; forward hooks scale the log-probabilities of the
policy and of the reference by M before it sees them.

Invariant: what TRL, or this package, cannot do right is refused, never
approximated, and no row is cut without being counted.
"""

__version__ = "0.1.0"
