"""``make widget-screenshots``: the pictures of docs/images/, taken with the scripted bot."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from boussole.triage.knowledge import PROJECT
from tests.browser.scene import chromium, lines, open_chat, say, stage, to_plan

IMAGES = PROJECT / "docs" / "images"
PHONE = {"viewport": {"width": 375, "height": 720}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1200, "height": 760}}


def _asked(page: Page) -> None:
    say(page, "on insulte mon fils")
    page.get_by_role("button", name="Non, pas en ce moment").wait_for()


def _planned(page: Page) -> None:
    to_plan(page)
    page.locator("summary").first.click()


PICTURES: dict[str, tuple[dict[str, Any], Callable[[Page], None]]] = {
    "widget-bureau": (DESKTOP, _asked),
    "widget-telephone": (PHONE, _asked),
    "widget-sombre": ({**PHONE, "color_scheme": "dark"}, _asked),
    "widget-plan": (PHONE, _planned),
}


def main() -> None:
    """Take every picture."""
    IMAGES.mkdir(exist_ok=True)
    with chromium() as browser, stage() as (server, sites):
        server.bot.answers = {**lines()}
        for name, (visitor, play) in PICTURES.items():
            with browser.new_context(locale="fr-FR", reduced_motion="reduce", **visitor) as context:
                page = context.new_page()
                if visitor is DESKTOP:
                    page.goto(server.url)
                else:
                    open_chat(page, sites.embed(server.url))
                play(page)
                page.screenshot(path=IMAGES / f"{name}.png")
                print(f"docs/images/{name}.png")


if __name__ == "__main__":
    main()
