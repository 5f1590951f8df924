"""How far the last check came, when what it had seen is not what stands now."""

import click

from registry.operator.check_commands import check_state
from registry.operator.desk import Desk


def forget_last_check(desk: Desk, *, before: str) -> None:
    """Set aside how far the last check came: it was of another journal than the one that stands now."""
    state = check_state(desk.settings)
    if state.exists():
        aside = state.with_name(f"{state.stem}-before-{before}-{desk.now():%Y%m%dT%H%M%SZ}.json")
        state.rename(aside)
        click.echo(f"how far the last check came is set aside ({aside}); the next one checks everything")
