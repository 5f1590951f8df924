"""Who comes next: the longest unserved, newcomers behind those that were served before they came."""

from uuid import UUID

from registry.work.turns import Turns

A, B, C = (UUID(int=number) for number in (1, 2, 3))


def test_those_never_served_come_in_the_order_in_which_they_wait():
    assert Turns().in_turn([B, A, C]) == [B, A, C]


def test_whoever_was_served_comes_last():
    turns = Turns()
    turns.in_turn([A, B, C])
    turns.served(A)

    assert turns.in_turn([A, B, C]) == [B, C, A]


def test_a_newcomer_waits_for_one_batch_of_each_that_was_there_before():
    turns = Turns()
    turns.in_turn([A, B])
    turns.served(A)
    turns.served(B)

    assert turns.in_turn([A, B, C]) == [A, B, C]
    turns.served(A)
    turns.served(B)
    assert turns.in_turn([A, B, C]) == [C, A, B]


def test_a_stream_of_newcomers_keeps_nobody_waiting():
    turns = Turns()
    served = []
    for number in range(10, 30):
        waiting = [A, *(UUID(int=each) for each in range(10, number + 1) if UUID(int=each) not in served)]
        first = turns.in_turn(waiting)[0]
        turns.served(first)
        served.append(first)

    assert served.count(A) >= 5


def test_what_waits_no_longer_is_forgotten():
    turns = Turns()
    turns.in_turn([A, B])
    turns.served(A)
    turns.in_turn([B])

    assert turns.in_turn([A, B])[0] == B
