"""``python -m signing.offline``: the same as ``certverify``."""

import sys

from signing.offline.command import main

sys.exit(main())
