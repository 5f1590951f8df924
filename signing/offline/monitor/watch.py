"""One run: what is read, in which order, and what is believed of it.

1. The trust bundle, by the pinned root: it says whose the log is, who signs for it, and how many witnesses must have.
2. The checkpoint: signed by the log; and by a quorum of witnesses, or that is a finding and no leaf of it is read.
3. It goes on from the last one seen, or that is a finding, and both are kept.
4. Every mirror shows a tree of which ours is a part, or that is a part of ours.
5. The leaves since the last run, up to the root that was cosigned.
6. A body's tokens against all leaves.

The state changes with 5 alone. What can not be had, or does not hash to what was signed, is a doubt and changes
nothing.
"""

from dataclasses import replace
from pathlib import Path

from signing.errors import DistributionRefused, LogRefused, Refusal
from signing.log.checkpoint import Checkpoint, LogPolicy
from signing.offline.errors import StateNotUsable
from signing.offline.log_files import LogFiles, policy_of
from signing.offline.monitor.evidence import keep_evidence
from signing.offline.monitor.finding import Code, Doubt, Finding, Findings
from signing.offline.monitor.held_tokens import compare, read_tokens
from signing.offline.monitor.new_leaves import new_leaves
from signing.offline.monitor.news import Moment
from signing.offline.monitor.question import Question, Watched
from signing.offline.monitor.relation import Relation, relation
from signing.offline.monitor.rules import Rules
from signing.offline.monitor.state import State
from signing.offline.monitor.trusted_logs import trusted_keys
from signing.offline.source import Source
from signing.offline.witnessed import witnessed
from signing.trust import TrustKeys


def watch(question: Question) -> Watched:
    """Read the log once. Raises a ``WrongUse``, or ``OSError`` where evidence can not be kept."""
    watched = Watched()
    if question.state is not None:
        watched.found_before, watched.seen_size = question.state.found, question.state.edge.size
    trust = _trust(question, watched)
    if trust is None:
        return watched
    try:
        files = LogFiles(question.source)
    except DistributionRefused as refused:
        watched.doubts.append((Doubt.NOT_TO_BE_HAD, str(refused)))
        return watched
    policy = policy_of(files.checkpoint, trust)
    if policy is None:
        watched.doubts.append(
            (Doubt.UNKNOWN_LOG, files.checkpoint[:80].partition(b"\n")[0].decode("utf-8", "replace"))
        )
        return watched
    _Run(question, trust, policy, files, watched).go()
    return watched


def _trust(question: Question, watched: Watched) -> TrustKeys | None:
    """1."""
    if question.root is None:
        watched.doubts.append((Doubt.NO_TRUST_BUNDLE, ""))
        return None
    watched.environment = question.root.environment
    try:
        trust = trusted_keys(question.root, question.trust_places)
    except DistributionRefused as refused:
        watched.doubts.append((Doubt.NO_TRUST_BUNDLE, str(refused)))
        return None
    if question.now >= trust.expires_at:
        watched.doubts.append((Doubt.TRUST_BUNDLE_EXPIRED, trust.expires_at.isoformat()))
        return None
    if question.state is not None and trust.version < question.state.trust_version:
        # It may lack a witness that was put in since, or name one that was put out.
        watched.doubts.append((Doubt.OLDER_TRUST_BUNDLE, f"{trust.version} < {question.state.trust_version}"))
        return None
    return trust


class _Run:
    """Steps 2 to 6, of a log that the trust bundle names."""

    def __init__(
        self, question: Question, trust: TrustKeys, policy: LogPolicy, files: LogFiles, watched: Watched
    ) -> None:
        self._question, self._trust, self._policy = question, trust, policy
        self._files, self._watched = files, watched
        self._state = question.state or State(trust.environment, policy.origin)
        if (self._state.environment, self._state.origin) != (trust.environment, policy.origin):
            raise StateNotUsable(f"{question.state_path}: {self._state.environment} {self._state.origin}")

    def go(self) -> None:
        """Take the steps as far as they lead."""
        try:
            shown = self._policy.open(self._files.checkpoint)
        except LogRefused as refused:
            self._doubt(Doubt.CHECKPOINT_REFUSED, str(refused))
            return
        self._watched.checkpoint = shown
        follows = self._goes_on(shown)
        for name, source in self._question.mirrors:
            self._mirror(name, source, shown)
        if not self._is_cosigned(shown) or not follows or not self._read(shown):
            return
        issuers = {series.place.issuer for series in self._state.ledger.series if any(series.line.marks)}
        self._watched.never_issued = sorted({*self._question.bodies} - issuers)
        if self._question.tokens is not None:
            self._hold_against(self._question.tokens)

    def _is_cosigned(self, shown: Checkpoint) -> bool:
        """2."""
        if shown.is_cosigned:
            times = witnessed(shown, self._policy.quorum)
            self._watched.cosigned_at = times.since if times else 0
            return True
        self._found(
            Code.TOO_FEW_COSIGNATURES, shown, size=shown.head.size, cosigned=len(shown.cosigned_at),
            quorum=self._policy.quorum,
        )  # fmt: skip
        return False

    def _goes_on(self, shown: Checkpoint) -> bool:
        """3."""
        seen, head = self._state.head, shown.head
        smaller = head.size < seen.size
        if smaller:
            self._found(Code.SMALLER_TREE, shown, size=head.size, seen=seen.size)
        older, newer = (head, seen) if smaller else (seen, head)
        try:
            forked = relation(older, newer, self._files.reader(newer.size)) is Relation.FORKED
        except (LogRefused, DistributionRefused) as refused:
            if not smaller:
                # Of a log that went back, the tiles of the larger tree need not be there.
                self._doubt_of_files(refused)
            return False
        if forked:
            self._found(Code.FORKED_TREE, shown, size=head.size, root=head.root.hex(), seen=seen.size,
                        seen_root=seen.root.hex())  # fmt: skip
        return not forked and not smaller

    def _mirror(self, name: str, source: Source, ours: Checkpoint) -> None:
        """4."""
        try:
            files = LogFiles(source)
            theirs = self._policy.open(files.checkpoint)
            if theirs.head.size > ours.head.size:
                forked = relation(ours.head, theirs.head, files.reader(theirs.head.size))
            else:
                forked = relation(theirs.head, ours.head, self._files.reader(ours.head.size))
        except (LogRefused, DistributionRefused) as refused:
            self._doubt(Doubt.MIRROR_NOT_READ, f"{name}: {refused}")
            return
        if forked is Relation.FORKED:
            self._found(
                Code.SPLIT_VIEW, ours, theirs, mirror=name, size=ours.head.size, root=ours.head.root.hex(),
                mirror_size=theirs.head.size, mirror_root=theirs.head.root.hex(),
            )  # fmt: skip

    def _read(self, shown: Checkpoint) -> bool:
        """5."""
        state, watched = self._state, self._watched
        # What is read is proven by its end alone. A state that broke off on the way is spoilt, and never kept.
        # Witnesses need not say when they signed; it was before now.
        moment = Moment(watched.cosigned_at or int(self._question.now.timestamp()), state.cosigned_at)
        rules = Rules(state.ledger, self._trust.profiles, moment, self._question.bodies)
        try:
            for first, leaves in new_leaves(self._files, state.edge, shown.head):
                for index, leaf in enumerate(leaves, first):
                    rules.read(index, leaf)
        except (LogRefused, DistributionRefused) as refused:
            self._doubt_of_files(refused)
            return False
        rules.finish()
        watched.findings.add_all(rules.findings)
        watched.news = rules.news
        found = Findings()
        found.add_all(state.found)
        found.add_all(rules.findings)
        watched.state = replace(
            state,
            trust_version=self._trust.version,
            note=shown.data,
            cosigned_at=watched.cosigned_at,
            found=found,
        )
        return True

    def _hold_against(self, folder: Path) -> None:
        """6."""
        tokens = read_tokens(folder, self._trust)
        for name in tokens.not_read:
            self._doubt(Doubt.TOKEN_NOT_READ, name)
        self._watched.tokens_held = len(tokens.by_digest)
        bodies = {*self._question.bodies, *tokens.issuers}
        self._watched.findings.add_all(compare(tokens, self._state.ledger, self._trust, bodies))

    def _found(self, code: Code, *shown: Checkpoint, **facts: str | int) -> None:
        """Note what checkpoints show, and keep them, with the last one that was seen."""
        self._watched.findings.add(Finding(code, None, facts))
        notes = [(checkpoint.head, checkpoint.data) for checkpoint in shown]
        if self._state.note and code is not Code.SPLIT_VIEW:
            notes.append((self._state.head, self._state.note))
        kept = keep_evidence(self._question.state_path, *notes)
        self._watched.evidence = sorted({*self._watched.evidence, *kept})

    def _doubt(self, doubt: Doubt, about: str) -> None:
        self._watched.doubts.append((doubt, about))

    def _doubt_of_files(self, refused: LogRefused | DistributionRefused) -> None:
        damaged = isinstance(refused, LogRefused) or refused.reason is Refusal.TOO_LARGE
        self._doubt(Doubt.LOG_DAMAGED if damaged else Doubt.NOT_TO_BE_HAD, str(refused))
