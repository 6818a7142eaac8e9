"""The pages of `docs/` that are written from the data: ``python -m boussole.pages``."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from boussole.cli import COMMANDS
from boussole.triage.conditions import Condition
from boussole.triage.knowledge import PROJECT, load_knowledge
from boussole.triage.model import Knowledge, Passage, Question, Step
from boussole.triage.tree import mermaid

DOCS = PROJECT / "docs"

TREE = """# The decision tree

Printed by `boussole tree` from `knowledge/questions.yml` and `knowledge/steps.yml`. A test fails when this page is
stale; `make docs` writes it again.

```mermaid
{tree}```
"""

SOURCES = """# Where each passage of the article went

Written by `make docs` from `knowledge/article.yml`. A test checks that every quoted passage stands in the article, that
every place exists in the data, and that this page is fresh. « Today » is what holds when it differs from the article:
it is what people are shown, and the article's own words stay beside it in the data (`article:`).

| # | Passage | Where it is | Today, where it differs |
|---|---|---|---|
{rows}

## What each service's fact rests on

| Service | Hours shown | Source | Source's date | Checked on | The article said |
|---|---|---|---|---|---|
{services}
"""

REFERENCE = """# Reference: every command, question, step, service, platform, answer and message

Written by `make docs` from `knowledge/`, `boussole/cli.py` and the `Makefile`; a test checks that it is fresh. The
whole texts are in `knowledge/`, in « vous » and in « tu »; the rules below are in the words of `knowledge/facts.yml`.

## Commands

| Command | What it does |
|---|---|
{commands}

## Questions, in order

| Question | Asked | Answers |
|---|---|---|
{questions}

## Steps, in order

| Step | In the plan | Services |
|---|---|---|
{steps}

## Services

| Service | Name | Phone | SMS | Page |
|---|---|---|---|---|
{services}

## Platforms

| Platform | Name | Where to report |
|---|---|---|
{platforms}

## Frequent questions

| Answer | Title | Services |
|---|---|---|
{answers}

## Messages

| Message | Text |
|---|---|
{messages}
"""


def tree_page(knowledge: Knowledge) -> str:
    """Return `docs/tree.md`."""
    return TREE.format(tree=mermaid(knowledge))


def sources_page(knowledge: Knowledge) -> str:
    """Return `docs/sources.md`."""
    services = "\n".join(
        f"| {s.name} | {s.hours.text} | {s.source} | {s.source_date} | {s.checked_on} | {s.article or ''} |"
        for s in knowledge.services.values()
    )
    return SOURCES.format(rows="\n".join(_row(passage) for passage in knowledge.article), services=services)


def _row(passage: Passage) -> str:
    today = f"{passage.today} ({passage.source})" if passage.today and passage.source else passage.today or ""
    quote = " ".join(passage.quote.split())
    return f"| {passage.id} | {quote} | {', '.join(passage.places)} | {today} |"


def reference_page(knowledge: Knowledge) -> str:
    """Return `docs/reference.md`."""
    return REFERENCE.format(
        commands=_table((f"`{command}`", what) for command, what in commands().items()),
        questions=_table(
            (f"`{q.id}`", _asked(knowledge, q), ", ".join(f"`{value}`" for value in knowledge.facts[q.id].labels))
            for q in knowledge.questions.values()
        ),
        steps=_table(
            (f"`{s.id}`: {s.title.for_reader('vous')}", _rule(knowledge, s), _ids(ref.id for ref in s.services))
            for s in knowledge.steps.values()
        ),
        services=_table(
            (f"`{s.id}`", s.name, s.phone or "", s.sms or "", s.url or "") for s in knowledge.services.values()
        ),
        platforms=_table((f"`{p.id}`", p.name, p.link or "") for p in knowledge.platforms.values()),
        answers=_table((f"`{a.id}`", a.title, _ids(a.services)) for a in knowledge.faq.values()),
        messages=_table(
            (f"`{name}`", message.text.for_reader("vous"))
            for name, message in {**knowledge.alerts, **knowledge.messages}.items()
        ),
    )


def commands() -> dict[str, str]:
    """Return each command that people type -> what it does."""
    verbs = re.findall(r"^([a-z-]+):.*## *(.+)$", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return {
        **{f"make {verb}": what for verb, what in verbs},
        **{f"boussole {name}": what for name, what in COMMANDS.items()},
    }


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(' '.join(cell.split()) for cell in row)} |" for row in rows)


def _ids(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _asked(knowledge: Knowledge, question: Question) -> str:
    return " ; ".join(_when(knowledge, question.condition, question.excluded))


def _rule(knowledge: Knowledge, step: Step) -> str:
    perhaps = _in_words(knowledge, step.maybe)
    parents = " ou ".join(f"`{name}`" for name in knowledge.steps if name in step.with_steps)
    parts = [f"peut-être quand {perhaps}" if perhaps else "", f"avec {parents}" if parents else ""]
    return " ; ".join([*_when(knowledge, step.condition, step.excluded), *filter(None, parts)])


def _when(knowledge: Knowledge, condition: Condition, excluded: Condition) -> Iterator[str]:
    # A condition that never holds has no alternative: the step is there only with its « peut-être ».
    if condition.alternatives:
        words = _in_words(knowledge, condition)
        yield f"quand {words}" if words else "toujours"
    if refused := _in_words(knowledge, excluded):
        yield f"jamais quand {refused}"


def _in_words(knowledge: Knowledge, condition: Condition) -> str:
    """Return a condition in French; empty when it always holds or never does."""
    return ", ou quand ".join(
        " et ".join(
            " / ".join(text for value, text in knowledge.facts[slot].labels.items() if value in allowed)
            for slot, allowed in alternative.items()
        )
        for alternative in condition.alternatives
    )


PAGES = {"tree.md": tree_page, "sources.md": sources_page, "reference.md": reference_page}


def write_pages(folder: Path = DOCS) -> None:
    """Write every generated page into ``folder``."""
    knowledge = load_knowledge()
    for name, page in PAGES.items():
        (folder / name).write_text(page(knowledge), encoding="utf-8")


if __name__ == "__main__":
    write_pages()
