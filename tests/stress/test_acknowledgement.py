"""An acknowledgement is whole or it is none."""

from tests.stress.acknowledgement import Acknowledged, Act, Given, Notebook, read_notebooks

ONE = Acknowledged(Act.NUMBER, 1, 2, (Given(1, "1:S0001", 1, "00"), Given(2, "1:S0001", 2, "01")))
OTHER = Acknowledged(Act.RELEASE, 3, 4, (Given(1, "1:S0001", 1, "02"),))


def test_what_is_noted_is_read_again(tmp_path):
    Notebook(tmp_path / "1").note(ONE)
    second = Notebook(tmp_path / "2")
    second.note_refusal("RegisterBusy")
    second.note(OTHER)

    assert read_notebooks(tmp_path) == ([ONE, OTHER], {"RegisterBusy": 1})


def test_a_line_whose_writer_died_in_it_says_nothing(tmp_path):
    notebook = Notebook(tmp_path / "1")
    notebook.note(ONE)
    notebook.note(OTHER)
    path = tmp_path / "1"
    path.write_bytes(path.read_bytes()[:-1])

    acknowledged, _ = read_notebooks(tmp_path)

    assert acknowledged == [ONE]
