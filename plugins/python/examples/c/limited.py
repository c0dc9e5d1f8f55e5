"""Runs a program with bounds: limited.py SECONDS MEBIBYTES FILE PROGRAM ARGUMENTS...

Each process of it gets so much processor time and memory, and writes files of so
many MiB, and no more. The exit code is the program's own, or 99 where the bound on
processor time ended it."""

import resource
import subprocess
import sys

seconds, mebibytes, file = (int(a) for a in sys.argv[1:4])
resource.setrlimit(resource.RLIMIT_DATA, (mebibytes << 20, mebibytes << 20))
resource.setrlimit(resource.RLIMIT_FSIZE, (file << 20, file << 20))
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
code = subprocess.call(sys.argv[4:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
# The kernel ends a process by an account in ticks, which may be ahead of this one.
if code < 0 and used.ru_utime + used.ru_stime > seconds * 3 / 4:
    sys.exit(99)
sys.exit(code if code >= 0 else 128 - code)
