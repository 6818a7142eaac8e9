"""Lines with bold headings and tappable numbers, in the markup of each channel."""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from boussole.triage.knowledge import load_knowledge

# Shorter, a number in the middle of a sentence is more often an age, a day or a count than a phone number: « 15 » and
# « 17 » are taken only where our texts give them as numbers to call.
_SHORTEST_IN_PROSE = 3
_SHORT = r"(?:(?<=\ble )|(?<=: )|(?<=, ))(?P<short>15|17)(?= ou |, |; |\. |\.$| \(SAMU\)|$)"
# A French number with all its digits: « 01 53 73 22 22 », « 0 800 235 236 ».
_LONG = r"(?<![\w/.,-])(?P<long>0[1-9](?: \d\d){4}|0 8\d\d(?: \d{3}){2})(?![\w/-]| \d)"
_URL = r"https?://[!-~]*[A-Za-z0-9/]"


@dataclass(frozen=True)
class Line:
    """One line of text, whole; ``bold`` for a heading."""

    text: str
    bold: bool = False


@dataclass(frozen=True)
class Span:
    """A piece of a line; ``href`` is where a tap leads, or an empty text."""

    text: str
    href: str = ""


# From lines to the text that the channel sends.
Markup = Callable[[Sequence[Line]], str]


def spans(text: str) -> Iterator[Span]:
    """Yield the pieces of ``text``: addresses, phone and SMS numbers of the services, and what stands between."""
    end = 0
    for match in _targets().finditer(text):
        if match.start() > end:
            yield Span(text[end : match.start()])
        yield Span(match[0], _href(match))
        end = match.end()
    if end < len(text):
        yield Span(text[end:])


def _href(match: re.Match[str]) -> str:
    digits = match[0].replace(" ", "")
    if match.lastgroup == "url":
        return match[0]
    if match.lastgroup == "sms":
        return f"sms:{digits}"
    if match.lastgroup in ("tel", "short", "long"):
        return f"tel:{digits}"
    return f"{_schemes()[match[0]]}:{digits}"


@cache
def _schemes() -> Mapping[str, str]:
    """Return each number of services.yml that may stand in a sentence -> ``tel``, or ``sms`` when it only takes SMS."""
    schemes: dict[str, str] = {}
    for service in load_knowledge().services.values():
        if service.sms:
            schemes.setdefault(service.sms, "sms")
        if service.phone:
            schemes[service.phone] = "tel"
    return {number: scheme for number, scheme in schemes.items() if len(number) >= _SHORTEST_IN_PROSE}


@cache
def _targets() -> re.Pattern[str]:
    known = "|".join(re.escape(number) for number in sorted(_schemes(), key=len, reverse=True))
    return re.compile(
        rf"(?P<url>{_URL})|(?<=tél\. )(?P<tel>\+?\d[\d ]*\d)|(?<=SMS au )(?P<sms>\+?\d[\d ]*\d)"
        rf"|{_SHORT}|{_LONG}|(?<![\w/.,-])(?P<known>{known})(?![\w/-]|[.,]\w| \d)"
    )


def _plain(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)


def _starred(lines: Sequence[Line]) -> str:
    return "\n".join(f"*{line.text}*" if line.bold and line.text else line.text for line in lines)


def _telegram(lines: Sequence[Line]) -> str:
    # Telegram opens no « tel: » address; a tap on code copies it.
    def piece(span: Span) -> str:
        text = html.escape(span.text, quote=False)
        return f"<code>{text}</code>" if span.href.startswith(("tel:", "sms:")) else text

    return "\n".join(_html_line(line, "b", piece) for line in lines)


def _html(lines: Sequence[Line]) -> str:
    def piece(span: Span) -> str:
        text = html.escape(span.text)
        return f'<a href="{html.escape(span.href)}">{text}</a>' if span.href else text

    return "<br>".join(_html_line(line, "strong", piece) for line in lines)


def _html_line(line: Line, tag: str, piece: Callable[[Span], str]) -> str:
    inner = "".join(map(piece, spans(line.text)))
    return f"<{tag}>{inner}</{tag}>" if line.bold and inner else inner


def _slack(lines: Sequence[Line]) -> str:
    def piece(span: Span) -> str:
        text = html.escape(span.text, quote=False)
        return f"<{html.escape(span.href, quote=False)}|{text}>" if span.href.startswith(("tel:", "sms:")) else text

    return "\n".join(
        f"*{inner}*" if line.bold and (inner := "".join(map(piece, spans(line.text)))) else
        "".join(map(piece, spans(line.text)))
        for line in lines
    )  # fmt: skip


def _markdown(lines: Sequence[Line]) -> str:
    def piece(span: Span) -> str:
        if span.href.startswith(("tel:", "sms:")):
            return f"[{span.text}]({span.href})"
        return span.text if span.href else re.sub(r"([\\`*_~\[\]<>#|])", r"\\\1", span.text)

    def line_text(line: Line) -> str:
        inner = "".join(map(piece, spans(line.text)))
        # Two spaces at the end keep the line break.
        return (f"**{inner}**" if line.bold and inner else inner) + "  "

    return "\n".join(map(line_text, lines)).rstrip()


PLAIN: Markup = _plain
WHATSAPP: Markup = _starred
TELEGRAM: Markup = _telegram
HTML: Markup = _html
SLACK: Markup = _slack
MARKDOWN: Markup = _markdown
