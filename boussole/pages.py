"""The pages of `docs/` that are written from the data: ``python -m boussole.pages``."""

from pathlib import Path

from boussole.triage.knowledge import PROJECT, load_knowledge
from boussole.triage.model import Knowledge, Passage
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


def write_pages(folder: Path = DOCS) -> None:
    """Write every generated page into ``folder``."""
    knowledge = load_knowledge()
    (folder / "tree.md").write_text(tree_page(knowledge), encoding="utf-8")
    (folder / "sources.md").write_text(sources_page(knowledge), encoding="utf-8")


if __name__ == "__main__":
    write_pages()
