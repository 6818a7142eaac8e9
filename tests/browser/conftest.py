"""One browser and one scripted server for the package; a fresh visitor and a silent bot for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.scene import Sites, chromium, lines, stage
from tests.web import Live


# Playwright keeps an event loop in this thread while it runs: it must end with these tests, before others need one.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def scene() -> Iterator[tuple[Live, Sites]]:
    """The scripted server and the sites."""
    with stage() as ready:
        yield ready


@pytest.fixture
def server(scene: tuple[Live, Sites]) -> Live:
    """The scripted server, whose bot has heard nothing yet."""
    scene[0].bot.reset()
    scene[0].bot.answers = lines()
    return scene[0]


@pytest.fixture
def sites(scene: tuple[Live, Sites]) -> Sites:
    """The sites that may embed the widget."""
    return scene[1]


@pytest.fixture
def context(browser: Browser, server: Live) -> Iterator[BrowserContext]:
    """A visitor."""
    visitor = browser.new_context(viewport={"width": 1000, "height": 800}, locale="fr-FR")
    visitor.set_default_timeout(10_000)
    yield visitor
    visitor.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of the visitor's."""
    return context.new_page()


@pytest.fixture
def embedded(server: Live, sites: Sites) -> str:
    """The address of a plain page that embeds the widget."""
    return sites.embed(server.url)
