#!/usr/bin/env bash
# What only a GPU can show, in under four minutes and without a network: the
# hooks against the loop by hand on CUDA, then runs of real size. Ends with 1 if
# anything failed; the report goes on all the same.
#
#   trainer/trl/gpu-check.sh [--smollm2 FILE.gguf] [--zero3 FOLDER]
#
# Python's packages must be there; other versions than the pinned ones are let
# pass here, and the report says which.
set -uo pipefail
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}
failed=0
timeout 100 "$PYTHON" -m pytest -q -p no:cacheprovider -m gpu --tb=line tests || failed=1
timeout 240 "$PYTHON" -W ignore gpu_check.py "$@" 2>/tmp/gpu-check.stderr || { failed=1; grep -v '^\[rank\|Warning' /tmp/gpu-check.stderr | tail -n 40; }
exit $failed
