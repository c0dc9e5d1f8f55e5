"""Runs a program with bounds: limited.py SECONDS MEBIBYTES PROGRAM ARGUMENTS...

Each process of it gets so much processor time and memory, and no more."""

import resource
import subprocess
import sys

seconds, mebibytes = int(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_DATA, (mebibytes << 20, mebibytes << 20))
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
code = subprocess.call(sys.argv[3:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
# The kernel ends a process by an account in ticks, which may be ahead of this one.
if code < 0 and used.ru_utime + used.ru_stime > seconds * 3 / 4:
    sys.exit(f"error: to compile it takes more than {seconds} s of processor time")
sys.exit(code if code >= 0 else 128 - code)
