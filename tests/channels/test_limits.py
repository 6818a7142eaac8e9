"""How often somebody may write, with a clock that the test holds."""

import pytest

from boussole.channels.limits import MINUTE, MOST_KEYS, Limiter, address_key


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_messages_pass_and_the_next_is_told_how_long_to_wait() -> None:
    limiter = Limiter(3, Clock())
    assert [limiter.wait("a") for _ in range(4)] == [0, 0, 0, 20]


def test_after_the_time_that_was_told_one_message_passes() -> None:
    clock = Clock()
    limiter = Limiter(3, clock)
    for _ in range(3):
        limiter.wait("a")
    clock.now += limiter.wait("a")
    assert limiter.wait("a") == 0
    assert limiter.wait("a") > 0


def test_being_refused_costs_nothing_more() -> None:
    limiter = Limiter(1, Clock())
    assert [limiter.wait("a") for _ in range(4)] == [0, 60, 60, 60]


def test_one_who_writes_too_much_holds_nobody_else_up() -> None:
    limiter = Limiter(1, Clock())
    limiter.wait("a")
    assert limiter.wait("b") == 0


def test_after_a_minute_of_silence_nothing_is_remembered() -> None:
    clock = Clock()
    limiter = Limiter(2, clock)
    limiter.wait("a")
    clock.now += MINUTE
    limiter.wait("b")
    assert len(limiter) == 1


def test_an_attack_by_many_addresses_does_not_fill_the_memory() -> None:
    limiter = Limiter(1, Clock())
    for number in range(MOST_KEYS + 50):
        limiter.wait(str(number))
    assert len(limiter) <= MOST_KEYS


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unix", "unix"),
        ("127.0.0.1", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
    ],
)
def test_one_holder_of_a_network_is_one(address: str, key: str | None) -> None:
    assert address_key(address) == key
