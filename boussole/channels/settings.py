"""What an operator sets for the website: who may call, from behind which proxies, and how often."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# scheme://host[:port], as browsers write it in « Origin »: no path, no wildcard inside.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
ANY_ORIGIN = "*"
# Each setting of credentials.yml, and the environment variable that goes before it.
VARIABLES = {
    "origins": "BOUSSOLE_ORIGINS",
    "proxies": "BOUSSOLE_PROXIES",
    "per_address": "BOUSSOLE_PER_ADDRESS",
    "per_conversation": "BOUSSOLE_PER_CONVERSATION",
}


@dataclass(frozen=True)
class WebSettings:
    """The website channel's settings.

    ``origins`` are the other sites whose pages may call (``*`` for all); the server's own pages always may.
    ``proxies`` is how many reverse proxies stand in front: so many addresses of ``X-Forwarded-For`` are believed.
    ``per_address`` and ``per_conversation`` are messages a minute. A school is one address: the first is large. This
    machine's own address has no limit.
    """

    origins: frozenset[str] = frozenset()
    proxies: int = 0
    per_address: int = 600
    per_conversation: int = 60


def read_settings(credentials: Mapping[str, Any] | None, environment: Mapping[str, str] = os.environ) -> WebSettings:
    """Return the settings of `credentials.yml`; those of the environment go before.

    Args:
        credentials: the channel's mapping, or None when it has none.
        environment: :data:`VARIABLES`; origins are separated by spaces or commas.

    Raises:
        ValueError: a setting is not known, or has a value that cannot be; the message says which.
    """
    given: dict[str, Any] = dict(credentials or {})
    if unknown := sorted(set(given) - set(VARIABLES)):
        raise ValueError(f"credentials.yml: no such setting: {', '.join(unknown)}")
    given.update({name: environment[variable] for name, variable in VARIABLES.items() if environment.get(variable)})
    read: dict[str, Any] = {name: _number(name, value) for name, value in given.items() if name != "origins"}
    return WebSettings(origins=_origins(given.get("origins")), **read)


def _origins(value: Any) -> frozenset[str]:
    listed = re.split(r"[\s,]+", value) if isinstance(value, str) else list(value or ())
    origins = frozenset(str(origin).lower().rstrip("/") for origin in listed if origin)
    if wrong := sorted(origin for origin in origins if origin != ANY_ORIGIN and not _ORIGIN.fullmatch(origin)):
        raise ValueError(f"origins: « {wrong[0]} » is not like https://www.example.fr")
    return origins


def _number(name: str, value: Any) -> int:
    least = 0 if name == "proxies" else 1
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if number < least:
        raise ValueError(f"{name}: « {value} » is not a whole number of {least} or more")
    return number
