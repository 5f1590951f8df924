"""Hand in a file of results with the client library (docs/api.md): check, look, sign, wait for the receipt."""

import sys
from getpass import getpass
from pathlib import Path

from registry.client import Client, Transport, open_key


def main(url: str, environment: str, keys: Path, results: Path) -> int:
    """Hand in ``results``; return 0 once it is submitted, 1 if there are faults."""
    access = open_key(keys / "access.pem", lambda path: getpass(f"{path.name}: "))
    client = Client(Transport(url, access, environment))

    # 1. A draft: the register checks it, row by row. The same file again is the same draft.
    draft = client.check(results)
    if draft.status == "faulty":
        for fault in client.drafts.faults(draft.id):
            print(fault["row"], fault["column"], fault["message"], fault["remedy"])
        return 1

    # 2. What is to be signed, held against the draft and the file; `preview` is for people to look at.
    if draft.status == "ready":
        settled = client.settled(draft, results)
        print(f"{len(settled.rows)} rows, SHA-256 {settled.sha256}")
        submission = open_key(keys / "submission.pem", lambda path: getpass(f"{path.name}: "))
        client.drafts.sign(settled, submission)

    # 3. A worker hands it in; from here on it has a number.
    draft = client.drafts.wait(draft.id)
    if draft.status != "submitted":
        print(f"not submitted: {draft.failure}")
        return 1
    print(draft.submission_id)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])))
