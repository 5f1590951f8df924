"""``certreg`` with a crash point armed: ``python -m tests.registry.backup.killed POINT:MODE[:HIT] ARGUMENT…``."""

import os
import sys

from keys.crash_points import arm_from
from registry.operator.command import main

if __name__ == "__main__":
    arm_from(sys.argv[1], environment=os.environ["CERTREG_ENVIRONMENT"])
    main(sys.argv[2:])
