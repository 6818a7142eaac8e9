"""How often somebody may write: a bucket of tokens for each key, which fills up again with time."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

MINUTE = 60.0
# More keys than this at once is an attack: the oldest ones start anew rather than fill the memory.
MOST_KEYS = 20_000


class Limiter:
    """Lets each key through ``per_minute`` times a minute, as many at once as fit in a minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with every bucket full.

        Args:
            per_minute: at least 1.
            clock: seconds from any fixed point, never going back.
        """
        self._per_minute = per_minute
        self._clock = clock
        # Key to tokens left and when they were counted, the longest silent first.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> int:
        """Take a token of ``key`` and return 0, or return in how many whole seconds there will be one."""
        now = self._clock()
        self._forget_full(now)
        tokens, since = self._buckets.pop(key, (float(self._per_minute), now))
        tokens = min(tokens + (now - since) * self._per_minute / MINUTE, self._per_minute)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        return 0 if allowed else math.ceil((1 - tokens) * MINUTE / self._per_minute)

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._buckets)

    def _forget_full(self, now: float) -> None:
        # A minute of silence fills any bucket: nothing is left to remember of that key.
        while self._buckets:
            key, (_, since) = next(iter(self._buckets.items()))
            if now - since < MINUTE and len(self._buckets) < MOST_KEYS:
                return
            del self._buckets[key]


def address_key(address: str) -> str | None:
    """Return what stands for the holder of ``address``: itself, or its /64 network, which one IPv6 holder has whole.

    None stands for this machine: its own programs measure the bot, and a proxy that nobody declared speaks for all.
    """
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return address_key(str(parsed.ipv4_mapped))
        network = ipaddress.ip_network((parsed, 64), strict=False)
        return None if parsed.is_loopback else str(network)
    return None if parsed.is_loopback else str(parsed)
