"""One change behind the register's back, of any kind at any place: every one is found on SQLite."""

from tests.registry.audit.proving import missed_mutations

OF_ROWS = 700
OF_BODIES = 150


def test_every_single_mutation_of_the_evidence_is_found(audited):
    assert missed_mutations(audited, count=OF_ROWS) == []


def test_every_mutation_of_what_bodies_took_back_and_asked_is_found(audited):
    tables = frozenset({"withdrawal", "certificate_request"})

    assert missed_mutations(audited, count=OF_BODIES, only=tables) == []
