"""The check of a restored register before it stands anywhere: the full check of its rows, and the secrets beside it."""

from sqlalchemy.orm import Session

from registry.audit.check import Check, OneSession, own_hands
from registry.audit.evidence import Places, open_evidence
from registry.foundation.charter import is_same_secret, read_charter
from registry.foundation.errors import OtherSecret
from registry.operator.custody import Custody
from registry.personal_data import read_secret
from registry.settings import PREFIX


def restored_faults(session: Session, custody: Custody) -> list[str]:
    """Return what the full check finds in the rows of an open transaction, in words.

    The public files are left to the check of the register in use: they have not followed the restore yet. Raises
    ``OtherSecret`` if the look-up key of this machine is not the one that the register was founded with.
    """
    settings, charter = custody.settings, read_charter(session)
    look_up_key = settings.lookup_key_file
    if charter and not is_same_secret(charter.lookup_key_check, read_secret(look_up_key)):
        raise OtherSecret(look_up_key, f"{PREFIX}LOOKUP_KEY_FILE")
    evidence = open_evidence(places_of(custody), charter)
    reader = OneSession(session)
    report, _ = Check(reader, evidence, own_hands(reader, evidence)).run()
    return [finding.text for finding in report.findings]


def places_of(custody: Custody) -> Places:
    """Return where an installation keeps what is not in its database."""
    settings = custody.settings
    return Places(
        environment=settings.environment,
        data_key_file=settings.data_key_file,
        lookup_key_file=settings.lookup_key_file,
        root_file=settings.root_file,
        trust_folder=settings.keys_dir / "trust",
        status_memory=custody.status_memory.path,
        signer_journal=custody.journal_path,
        public_dir=settings.public_dir,
        roster=custody.roster_home.path,
        log_memory=custody.log_memory_path,
    )
