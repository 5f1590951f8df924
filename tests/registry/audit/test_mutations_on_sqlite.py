"""One change behind the register's back, of any kind at any place: every one is found on SQLite."""

from tests.registry.audit.proving import missed_mutations

OF_ROWS = 700


def test_every_single_mutation_of_the_evidence_is_found(audited):
    assert missed_mutations(audited, count=OF_ROWS) == []
