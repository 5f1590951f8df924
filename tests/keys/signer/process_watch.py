"""Whether processes that nobody here may wait for are gone."""

import time


def is_gone(process_id):
    """Tell whether a process is dead; one that nobody has buried yet is."""
    try:
        with open(f"/proc/{process_id}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(") ")[2].startswith("Z")
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until_gone(process_ids, seconds=30):
    deadline = time.monotonic() + seconds
    while not all(map(is_gone, process_ids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return all(map(is_gone, process_ids))
