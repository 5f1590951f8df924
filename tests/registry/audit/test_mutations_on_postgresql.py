"""One change behind the register's back, of any kind at any place: every one is found on PostgreSQL."""

import pytest

from tests.registry.audit.proving import missed_mutations

OF_ROWS = 220


@pytest.mark.parametrize("fresh_audited", ["postgresql"], indirect=True)
def test_every_single_mutation_of_the_evidence_is_found(fresh_audited):
    assert missed_mutations(fresh_audited, count=OF_ROWS) == []
