"""``certreg template``: the workbook that a body fills in, empty, or made for one body, occupation and level."""

from pathlib import Path

import click

from registry.assessment.levels import LEVEL_OF_CODE
from registry.assessment.template import write_template
from registry.directory.body_view import BodyView, body_view
from registry.operator.desk import Desk
from signing.statement import Level, Occupation


@click.command()
@click.argument("file", type=click.Path(exists=False, dir_okay=False, path_type=Path))
@click.option("--issuer", help="Issuer key of the body it is for, S0001: its code and sites are filled in.")
@click.option("--occupation", metavar="CODE", help="Occupation of all rows, 2-02-10-11; needs --issuer.")
@click.option(
    "--level", type=click.Choice(list(LEVEL_OF_CODE)), help="Level of all rows; needs --occupation."
)
@click.pass_obj
def template(desk: Desk, file: Path, issuer: str | None, occupation: str | None, level: str | None) -> None:
    """Write the empty workbook FILE.xlsx for results.

    With --issuer, --occupation and --level it says already whose it is and what everybody in it sat for.
    """
    if file.suffix != ".xlsx":
        raise click.UsageError("the name of a workbook ends in .xlsx")
    if (occupation and not issuer) or (level and not occupation):
        raise click.UsageError("--occupation needs --issuer, and --level needs --occupation")
    view = desk.installation.sessions.read(lambda session: body_view(session, issuer)) if issuer else None
    of_level = None if level is None else LEVEL_OF_CODE[level]
    wanted = _listed(view, occupation, of_level) if view and occupation else None
    content = write_template(view, wanted, of_level)
    try:
        with file.open("xb") as workbook:
            workbook.write(content)
    except FileExistsError:
        raise click.UsageError(f"{file} is there already; choose another name") from None
    click.echo(f"{file}：填写“考核信息”和“成绩”两张表，用 certreg submit 报送")


def _listed(view: BodyView, text: str, level: Level | None) -> Occupation:
    """Return the occupation printed so that the body is listed for, of any edition, at this level if one is given."""
    found = {
        listing.occupation
        for listing in view.listings
        if listing.occupation.text == text and (level is None or listing.level in (None, level))
    }
    if len(found) != 1:
        known = ", ".join(sorted({listing.occupation.text for listing in view.listings}))
        raise click.UsageError(f"{view.issuer} is not listed for {text} at this level; it is for {known}")
    return found.pop()
