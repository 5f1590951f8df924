"""One change of one public file, of any kind: every one is found."""

import shutil
from dataclasses import replace
from random import Random

from sqlalchemy.orm import Session

from registry.audit.check import check_database
from tests.registry.audit.audited import AFTERWARDS
from tests.registry.audit.mutations import FileMutator
from tests.registry.audit.proving import SEED, evidence_of

OF_FILES = 300


def test_every_single_mutation_of_a_public_file_is_found(audited, tmp_path):
    older, work = tmp_path / "older", tmp_path / "work"
    shutil.copytree(audited.places.public_dir, older)
    audited.go_on()
    audited.publish(now=AFTERWARDS)
    evidence, random, missed = evidence_of(audited), Random(SEED), []
    places = replace(audited.places, public_dir=work)
    with audited.engine.connect() as connection, Session(connection) as session:
        for _ in range(OF_FILES):
            shutil.copytree(audited.places.public_dir, work)
            mutation = FileMutator(work, older, random).mutate()
            if not check_database(session, evidence, places).findings:
                missed.append(mutation.what)
            session.expunge_all()
            shutil.rmtree(work)

    assert missed == []
