"""``python -m tests.stress``: one run of the storm and its counts; the exit status is 1 after any fault."""

import argparse
import secrets
import sys

from tests.stress.storm import DATABASES, Report, Storm

MOST_FAULTS_SHOWN = 40


def main() -> int:
    """Run once; by hand ten minutes are usual."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.stress", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--database", choices=DATABASES, required=True)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--issuers", type=int, default=16)
    parser.add_argument("--seed", type=int, help="chosen by chance, and printed, if it is left out")
    parser.add_argument("--kill-seconds", type=float, default=0.18, help="mean time between two kills")
    parser.add_argument("--engine-kills", type=int, default=5)
    parser.add_argument("--ready-rows", type=int, default=12_000, help="approved before the clock starts")
    chosen = vars(parser.parse_args())
    if chosen["seed"] is None:
        chosen["seed"] = secrets.randbelow(2**32)
    storm = Storm(**chosen)
    print(storm, flush=True)
    report = storm.run()
    print(shown(report))
    return 1 if report.faults else 0


def shown(report: Report) -> str:
    """Return a report as lines of text."""
    lines = [
        f"certificates in the end: {report.certificates:,} in {report.series} series",
        *(
            f"acknowledged {act}: {report.entries[act]:,} in {acts:,} acts"
            for act, acts in report.acts.items()
        ),
        f"issuers: {report.toll}; database server killed {report.engine_kills} times",
        f"refused for now: {dict(report.refused)}",
        f"pairs of acts held against each other in time: {report.verdict.pairs:,}",
        "seconds: " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in report.seconds.items()),
        f"faults: {len(report.faults)}",
        *report.faults[:MOST_FAULTS_SHOWN],
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
