# Where the libraries lie: modules of ours go before Python's own, wheels after.

import sys

sys.path.insert(0, "/usr/local/lib/shims")
sys.path.append("/usr/local/lib/site-packages")
