"""Signals: the first asks for a good end, the second has its plain effect."""

import os
import signal
import subprocess
import sys

import pytest

from registry.work.stopping import SIGNALS, Stopping

WAITING = """
import sys
from registry.work.stopping import Stopping
with Stopping() as stop:
    print("ready", flush=True)
    stop.pause(60)
    print(stop.asked, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_noted_and_ends_the_pause(number):
    with Stopping() as stop:
        assert not stop.asked
        os.kill(os.getpid(), number)
        stop.pause(60)
        assert stop.asked
        stop.pause(60)


def test_afterwards_the_signals_are_what_they_were():
    before = [signal.getsignal(number) for number in SIGNALS]
    with Stopping():
        os.kill(os.getpid(), signal.SIGTERM)

    assert [signal.getsignal(number) for number in SIGNALS] == before


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_ends_the_process_at_once(number):
    arguments = [sys.executable, "-c", WAITING]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.readline() == "True\n"
        process.send_signal(number)
        assert process.wait(timeout=30) == -number
