"""Every trouble once, in one long life: none of the named places is only thought to be one."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from tests.life.acts import Acts
from tests.life.desk import Desk, Tally
from tests.life.register_place import Place
from tests.life.troubles import TROUBLES, Trouble
from tests.registry.world import BODY

LAST_ON = date(2028, 12, 31)
SOMEBODY = [("senior", "new", None, 0, 0)]


def strike_every_act(place: Place, new_folder: Callable[[], Path]) -> None:
    """Do each act with each of its troubles; hold what is left behind, and what becomes of it, against the notebook."""
    tally = Tally()
    desk = Desk(place, new_folder(), tally)
    acts = Acts(desk)
    acts.open_epoch(500, LAST_ON, None)
    for act, troubles in TROUBLES.items():
        for trouble in troubles:
            before = tally.troubles[trouble]
            _do(acts, act, trouble)
            desk.check()
            assert tally.troubles[trouble] == before + 1, (act, trouble)
            _finish(acts)
            desk.check()
    desk.end()


def _finish(acts: Acts) -> None:
    acts.approve_all()
    acts.number_all(None)
    acts.sign(None, False, 0, None)
    acts.release(None)
    acts.chain(1000, None)


def _do(acts: Acts, act: str, trouble: Trouble) -> None:
    """Prepare what the act needs, then do it into its trouble."""
    if act in ("withdraw", "chain", "act", "open"):
        _done_beside_the_road(acts, act, trouble)
        return
    road = {"submit": None, "check": None, "decide": None, "number": None, "sign": None, "release": None}
    _do_on_the_road(acts, {**road, act: trouble}, until=act)


def _do_on_the_road(acts: Acts, road: dict[str, Trouble | None], *, until: str) -> None:
    corrects = until == "release"
    if corrects:
        acts.hand_in_corrections([(0, "name")], True, None)
    acts.hand_in(SOMEBODY, BODY, road["submit"])
    if until == "submit":
        return
    for submission in acts.book.submissions:
        acts.approve(submission, road["check"], road["decide"])
    if until in ("check", "decide"):
        return
    acts.number_all(road["number"])
    if until != "number":
        acts.sign(None, False, 0, road["sign"])
    if until == "release":
        acts.release(road["release"])


def _done_beside_the_road(acts: Acts, act: str, trouble: Trouble) -> None:
    if act == "chain":
        acts.chain(1000, trouble)
    elif act == "withdraw":
        acts.hand_in(SOMEBODY, BODY, None)
        acts.withdraw(0, True, trouble)
    elif act == "open":
        acts.open_epoch(9, LAST_ON, trouble)
    else:
        acts.hand_in(SOMEBODY, BODY, None)
        _finish(acts)
        acts.on_number("suspend", 0, True, trouble)
