"""Many photos in processes of their own: bounded, in order, and one that kills its process costs nothing but itself."""

import itertools
import subprocess
import time
from socket import socketpair
from types import SimpleNamespace

import pytest

from registry.photo import decoder, decoding_process
from registry.photo.answer import NoAnswer, answer_of, read_answer
from registry.photo.decoder import USUAL, Patience
from registry.photo.errors import DecoderUnavailable, PhotoFault, PhotoRefused
from registry.photo.many_photos import AHEAD, plain_photos
from registry.photo.photo import Photo, plain_photo
from tests.registry.photo.corpus import CORPUS
from tests.registry.photo.pictures import jpeg

BROKEN = "tests.registry.photo.broken_decoder"


def outcomes(
    *files: bytes, processes: int = 2, program: str = BROKEN, patience: Patience = USUAL
) -> list[Photo | str]:
    told = plain_photos(enumerate(files), processes=processes, program=program, patience=patience)
    return [outcome.code if isinstance(outcome, PhotoRefused) else outcome for _, outcome in told]


def test_no_photo_of_the_corpus_needs_more_memory_or_time_than_it_is_given():
    files = [(name, make()) for name, (make, _) in CORPUS.items()]

    told = {
        name: outcome.code if isinstance(outcome, PhotoRefused) else None
        for name, outcome in plain_photos(files, processes=2)
    }

    assert told == {name: code for name, (_, code) in CORPUS.items()}


def test_photos_come_back_in_the_order_in_which_they_were_given():
    files = [jpeg((350 + number, 490 + number)) for number in range(20)]

    assert outcomes(*files, processes=3) == [plain_photo(data) for data in files]


def test_a_photo_is_the_same_in_a_process_of_its_own():
    ((key, outcome),) = plain_photos([("李四", jpeg())], processes=1)

    assert (key, outcome) == ("李四", plain_photo(jpeg()))


def test_a_refusal_says_the_same_in_a_process_of_its_own():
    ((_, outcome),) = plain_photos([(1, jpeg((500, 500)))], processes=1)

    assert isinstance(outcome, PhotoRefused)
    assert "500 × 500" in outcome.message


@pytest.mark.parametrize("killer", [b"die", b"run-on", b"lie", b"lie-in-words"])
def test_a_photo_that_kills_its_process_is_refused_and_the_others_are_not(killer):
    photo = plain_photo(jpeg())

    assert outcomes(jpeg(), killer, jpeg(), jpeg()) == [photo, "photo_undecodable", photo, photo]


def test_a_process_that_died_once_is_not_held_against_the_photo(tmp_path):
    mark = tmp_path / "first time"
    mark.mkdir()

    assert outcomes(b"die-once " + bytes(mark)) == ["photo_blank"]
    assert not mark.exists()


SHORT = Patience(silence_seconds=1.0, message_seconds=0.5)


def test_a_process_that_is_silent_is_not_waited_for():
    assert outcomes(b"sleep", patience=SHORT) == ["photo_undecodable"]


@pytest.mark.parametrize("half", [b"half-an-answer", b"a-byte-now-and-then", b"a-length-that-lies"])
def test_a_process_that_stops_in_the_middle_of_its_answer_is_not_waited_for(half):
    photo = plain_photo(jpeg())
    begun = time.monotonic()

    assert outcomes(half, jpeg(), patience=SHORT) == ["photo_undecodable", photo]
    assert time.monotonic() - begun < 30


def test_a_process_that_does_not_read_its_next_photo_is_not_waited_for():
    """It is longer than what a pipe takes without a reader; another process takes it."""
    long = b"again " + bytes(1 << 19)

    assert outcomes(b"deaf-from-here-on", long, processes=1, patience=SHORT) == ["photo_blank"] * 2


def test_many_photos_may_kill_their_processes():
    assert outcomes(*[b"die"] * 6) == ["photo_undecodable"] * 6


def test_memory_is_bounded():
    assert outcomes(b"fill 150000000", b"fill 300000000") == ["photo_blank", "photo_undecodable"]


def test_a_process_can_open_no_file(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    assert outcomes(b"open " + bytes(tmp_path / "file")) == ["photo_undecodable"]


def test_a_process_has_no_environment_but_where_it_imports_from(monkeypatch):
    monkeypatch.setenv("CERTREG_SECRET", "x")

    ((_, outcome),) = plain_photos([(1, b"environment")], processes=1, program=BROKEN)

    assert isinstance(outcome, PhotoRefused)
    assert outcome.seen == "PYTHONPATH"


def test_a_file_that_is_too_long_is_not_even_sent():
    assert outcomes(b"die" + bytes(1_048_576)) == ["photo_too_large"]


def test_photos_are_taken_only_as_they_are_needed():
    taken = itertools.count()
    photos = plain_photos(((next(taken), jpeg()) for _ in range(1000)), processes=2)

    next(photos)
    photos.close()

    assert next(taken) <= 2 * AHEAD + 1


def test_without_photos_no_process_is_started():
    assert list(plain_photos([], program="no.such.program")) == []


def test_processes_that_do_not_come_to_work_are_no_photos_fault():
    with pytest.raises(DecoderUnavailable):
        list(plain_photos([(1, jpeg())], processes=2, program="no.such.program"))


def test_a_machine_without_room_for_a_process_is_no_photos_fault(monkeypatch):
    monkeypatch.setattr(decoder.sys, "executable", "/no/such/program")

    with pytest.raises(DecoderUnavailable):
        list(plain_photos([(1, jpeg())]))


def test_a_process_ends_when_its_parent_is_gone():
    ours, theirs = socketpair()
    with ours, theirs:
        # A process that has our own parent for its parent, and was started by another.
        decoding_process.serve(theirs, parent=-1)

        ours.setblocking(False)
        with pytest.raises(BlockingIOError):
            ours.recv(1)


@pytest.mark.parametrize(
    "message", [b"", b"photo ", b"refused ", b"refused photo_blank <b>", b"photo_blank", b"\xff"]
)
def test_what_no_honest_process_says_is_no_answer(message):
    with pytest.raises(NoAnswer):
        read_answer(message)


@pytest.mark.parametrize(
    "outcome", [plain_photo(jpeg()), PhotoRefused(PhotoFault.OTHER_FORMAT, "HTML 或 XML")]
)
def test_an_answer_says_what_became_of_the_photo(outcome):
    read = read_answer(answer_of(outcome))

    assert read == outcome or (read.code, read.message) == (outcome.code, outcome.message)


def test_a_process_has_no_file_of_its_parent_but_one_pipe():
    """Not even the parent's standard error, which is its log."""
    ((_, outcome),) = plain_photos([(1, b"files")], processes=1, program=BROKEN)

    assert isinstance(outcome, PhotoRefused)
    assert outcome.seen == "null null null socket"


def test_processes_are_gone_at_the_end(monkeypatch):
    started = []

    def started_process(*arguments, **options):
        started.append(subprocess.Popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(
        decoder, "subprocess", SimpleNamespace(**{**vars(subprocess), "Popen": started_process})
    )

    outcomes(jpeg(), b"die", jpeg(), b"die")
    photos = plain_photos(((number, jpeg()) for number in range(100)), processes=2)
    next(photos)
    photos.close()

    assert len(started) >= 4
    assert all(process.returncode is not None for process in started)
