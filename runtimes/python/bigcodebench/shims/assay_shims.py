"""What the sandbox lacks and whose absence is a technicality: see the modules.

Imported before everything else, once, when the image is made.
"""

import os

import assay_hashlib
import assay_os
import assay_socket
import assay_threads

# Programs start in a folder of their own, as in the peer.
os.makedirs("/tmp/work")
os.chdir("/tmp/work")
