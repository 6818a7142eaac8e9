"""The documentation says what the code and the data hold, and its links lead somewhere."""

import re
from pathlib import Path

import pytest

from boussole.cli import COMMANDS
from boussole.pages import DOCS, PAGES, write_pages
from boussole.triage.knowledge import PROJECT
from boussole.triage.model import Knowledge

WRITTEN = [PROJECT / "README.md", *sorted(DOCS.rglob("*.md"))]
ARTICLE = PROJECT.parent / "shared" / "article.txt"
# A sentence of this many characters or more says something; the rest are headings.
SENTENCE = 60
# What only leads from one part of the article to the next.
TRANSITIONS = (
    "Crédit photo",
    "Signaler un contenu illicite ou un cas de cyberharcèlement peut aussi se faire autrement.",
    "Mais que se passe-t-il une fois toutes ces démarches effectuées",
    "Pour aller plus loin, découvrez quelques ressources utiles",
)


@pytest.fixture(scope="module")
def documentation() -> str:
    """All the pages, one after the other."""
    return "\n".join(page.read_text(encoding="utf-8") for page in WRITTEN)


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_fresh(knowledge: Knowledge, name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](knowledge), "run « make docs »"


def test_the_pages_are_written_where_one_asks(tmp_path: Path) -> None:
    write_pages(tmp_path)
    assert {page.name for page in tmp_path.iterdir()} == set(PAGES)


def test_no_cell_of_a_generated_table_breaks_it(knowledge: Knowledge) -> None:
    for page in PAGES.values():
        for table in re.findall(r"(?:^\|.*\n)+", page(knowledge), re.MULTILINE):
            assert len({row.count("|") for row in table.splitlines()}) == 1, table


def test_every_question_step_service_platform_and_answer_is_documented(
    knowledge: Knowledge, documentation: str
) -> None:
    ids = (
        *knowledge.questions, *knowledge.steps, *knowledge.services, *knowledge.platforms, *knowledge.faq,
        *knowledge.messages, *knowledge.alerts,
    )  # fmt: skip
    assert not [name for name in ids if f"`{name}`" not in documentation]


def test_every_command_is_documented(documentation: str) -> None:
    verbs = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"test", "run", "docs"} <= set(verbs)
    commands = (*(f"make {verb}" for verb in verbs), *(f"boussole {name}" for name in COMMANDS))
    assert not [command for command in commands if command not in documentation]


def test_every_rule_of_a_step_is_told_in_words(knowledge: Knowledge) -> None:
    reference = PAGES["reference.md"](knowledge)
    rows = {name: next(line for line in reference.splitlines() if f"`{name}`: " in line) for name in knowledge.steps}
    assert "toujours ; jamais quand la personne qui l'a fait écrit" in rows["preuves"]
    assert "peut-être quand on ne sait pas si tout le monde peut voir le contenu" in rows["pharos"]
    assert "avec `saisir_cnil`" in rows["plainte_contre_hebergeur"]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|mailto:|#)([^)\s#]+)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()]


# The article that the content comes from. It is not ours to publish: without it, only what is quoted is checked.


def test_every_passage_quotes_something(knowledge: Knowledge) -> None:
    assert knowledge.article
    assert all(part.strip() for passage in knowledge.article for part in passage.quote.split(" … "))


def article(knowledge: Knowledge) -> str:
    """The article; without it, what is quoted of it."""
    if ARTICLE.exists():
        return ARTICLE.read_text(encoding="utf-8")
    return "\n".join(passage.quote for passage in knowledge.article)


def spans(knowledge: Knowledge) -> list[tuple[int, int]]:
    """Where each passage stands in the article, each looked for after the one before."""
    text, end, found = article(knowledge), 0, []
    for passage in knowledge.article:
        start = None
        for part in passage.quote.split(" … "):
            place = text.find(part, end)
            assert place >= 0, f"{passage.id}: « {part} » is not in the article, or not in this order"
            start, end = place if start is None else start, place + len(part)
        assert start is not None
        found.append((start, end))
    return found


def test_every_passage_stands_in_the_article_in_its_order(knowledge: Knowledge) -> None:
    assert len(spans(knowledge)) == len(knowledge.article)


def test_every_informative_sentence_of_the_article_has_its_passage(knowledge: Knowledge) -> None:
    text, found = article(knowledge), spans(knowledge)
    body = text.split("\nSources")[0]
    forgotten = [
        sentence.group()
        for sentence in re.finditer(r"[^.!?\n]+(?:[.!?…]+(?=\s)|\n|$)", body)
        if len(sentence.group()) > SENTENCE
        and not sentence.group().strip().startswith(TRANSITIONS)
        and not any(start < sentence.end() and sentence.start() < end for start, end in found)
    ]
    assert not forgotten
