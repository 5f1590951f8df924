"""The page that the ``type`` of every problem document leads to: all codes, and what to do about each."""

from flask import Blueprint, render_template

from registry.api.problem_list import PAGE, PROBLEMS

problem_page = Blueprint("problems", __name__, template_folder="templates")


@problem_page.get(PAGE)
def problems() -> str:
    """Show the list."""
    return render_template("api/problems.html", problems=PROBLEMS)
