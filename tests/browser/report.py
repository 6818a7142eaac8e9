"""``make widget-report``: the widget's size, what axe finds on every state, and what a strict policy refuses."""

import sys

from tests.browser import test_accessibility as accessibility
from tests.browser.scene import STRICT, TAGS, axe, chromium, open_chat, record_violations, stage, to_plan
from tests.browser.test_size import BUDGET, sizes


def main() -> int:
    """Measure, print, and return 1 when something is not as it should be."""
    wrong = _size()
    with chromium() as browser, stage() as (server, sites):
        print(f"\nAccessibility: axe-core, {', '.join(TAGS)}; violations")
        for name, visitor in accessibility.VISITORS.items():
            found = []
            for state in accessibility.STATES:
                with browser.new_context(**visitor) as context:
                    page = context.new_page()
                    state(page, sites.embed(server.url))
                    found += [f"{state.__name__}: {violation}" for violation in axe(page)]
            print(
                f"  {name:<12} {len(accessibility.STATES)} states  {len(found)}", *found, sep="\n    " if found else ""
            )
            wrong += len(found)
        print("\nContent-Security-Policy of a host page, during a whole conversation")
        with browser.new_context() as context:
            page = context.new_page()
            refused = record_violations(page)
            open_chat(page, sites.embed(server.url, policy=STRICT))
            to_plan(page)
        print(
            f"  {STRICT.format(server='HOST')}\n  violations   {len(refused)}",
            *refused,
            sep="\n    " if refused else "",
        )
    return 1 if wrong + len(refused) else 0


def _size() -> int:
    print("Size: JavaScript with its CSS, gzip -9, bytes")
    for name, size in sizes().items():
        print(f"  {name:<28} {size:>6}")
    total = sum(sizes().values())
    print(f"  {'total':<28} {total:>6}  of {BUDGET}")
    return int(total > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
