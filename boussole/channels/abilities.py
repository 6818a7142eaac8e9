"""What each channel can show, in one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from boussole.channels.markup import HTML, MARKDOWN, PLAIN, SLACK, TELEGRAM, WHATSAPP, Markup


@dataclass(frozen=True)
class Abilities:
    """What a channel can show. Lengths are in characters, of the text as it is sent.

    ``limit`` is the longest message; ``comfort`` is the length that the parts of a plan are gathered up to.
    ``buttons`` and ``rows`` say how many choices fit as buttons, or in a list that opens; ``button_length``,
    ``row_length`` and ``detail_length`` how long they may be; ``menu_limit`` how long the text above them.
    Choices that do not fit are numbered.
    """

    markup: Markup = PLAIN
    limit: int = 4096
    comfort: int = 1500
    buttons: int = 0
    button_length: int = 0
    rows: int = 0
    row_length: int = 0
    detail_length: int = 0
    menu_limit: int = 0


# Where the figures come from is in docs/canaux.md.
CHANNELS: Mapping[str, Abilities] = MappingProxyType({
    # 65,536 bytes for the whole event, which holds the text twice.
    "matrix": Abilities(HTML, limit=8000, comfort=2500),
    "telegram": Abilities(TELEGRAM, comfort=2000, buttons=100, button_length=64, menu_limit=4096),
    "whatsapp": Abilities(
        WHATSAPP, comfort=1500, buttons=3, button_length=20, rows=10, row_length=24, detail_length=72, menu_limit=1024
    ),
    "messenger": Abilities(limit=2000),
    "slack": Abilities(SLACK, limit=3000, comfort=2500, buttons=5, button_length=75, menu_limit=3000),
    "mattermost": Abilities(MARKDOWN, limit=16000, comfort=2500),
    "sms": Abilities(limit=1600),
})  # fmt: skip
