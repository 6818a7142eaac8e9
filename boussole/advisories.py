"""Known vulnerabilities of what we depend on, and our reasons for those that do not reach us (docs/adr/0024)."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from boussole.checkup import Finding
from boussole.triage.knowledge import PROJECT

REASONS = PROJECT / "deploy" / "advisories.yml"
# It needs newer libraries than Rasa's: uv runs it in an environment of its own.
TOOL = "pip-audit==2.10.1"
# Its advisory is of 2018 and will never go away: a service that does not name it names nothing.
KNOWN_BAD = ("requests", "2.19.1")
UV_VARIABLE = "UV"
TIMEOUT_SECONDS = 300.0

# Runs a command; returns its exit code, what it printed, and what it said on standard error.
Run = Callable[[Sequence[str]], tuple[int, str, str]]


class NotAuditedError(RuntimeError):
    """Nothing was looked at; the message says why. It says neither that all is well nor that something is wrong."""


@dataclass(frozen=True)
class Reason:
    """Why some advisories of a package, by any of their names, do not reach us."""

    package: str
    ids: frozenset[str]
    reason: str
    read: str


@dataclass(frozen=True)
class Advisory:
    """An advisory that is reported for the locked version of a package, under all of its names."""

    package: str
    version: str
    ids: frozenset[str]
    fixed_in: tuple[str, ...]


def audit(reasons: Iterable[Reason], run: Run | None = None) -> Iterator[Finding]:
    """Yield what is known of the versions in `uv.lock`: what has no reason, which reasons are stale, and a count.

    Args:
        reasons: those of :data:`REASONS`.
        run: runs a command; by default, for real.

    Raises:
        NotAuditedError: pip-audit cannot be run, or its advisory service does not answer or knows nothing.
    """
    run = run or _run
    known, _ = _ask(run, ["==".join(KNOWN_BAD)])
    if not known:
        raise NotAuditedError(
            f"the advisory service knows nothing of {'=='.join(KNOWN_BAD)}, which has had an advisory since 2018: "
            "this network only has a copy of the package index, without its advisories"
        )
    locked = _locked(run)
    reported, unknown = _ask(run, locked)
    yield from judge(reported, list(reasons))
    for package in unknown:
        yield Finding(False, f"advisories: the service does not know {package}: it was not looked at")
    yield Finding(True, f"advisories: {len(locked)} packages looked at, {len(reported)} advisories")


def judge(reported: Sequence[Advisory], reasons: Sequence[Reason]) -> Iterator[Finding]:
    """Yield each advisory without a reason, and each reason without an advisory."""
    names: dict[str, set[str]] = {}
    for advisory in reported:
        names.setdefault(advisory.package, set()).update(advisory.ids)
        if not any(reason.package == advisory.package and reason.ids & advisory.ids for reason in reasons):
            fixed = ", ".join(advisory.fixed_in) or "no version yet"
            yield Finding(
                False,
                f"advisory: {advisory.package} {advisory.version}, {' '.join(sorted(advisory.ids))}, fixed in {fixed}: "
                f"upgrade it, or say in {REASONS.relative_to(PROJECT)} why it does not reach us",
            )
    for reason in reasons:
        if stale := sorted(reason.ids - names.get(reason.package, set())):
            yield Finding(
                False,
                f"advisory: {reason.package}, {' '.join(stale)}: not reported for the version that we lock; "
                f"take it out of {REASONS.relative_to(PROJECT)}",
            )


def load_reasons(path: Path = REASONS) -> list[Reason]:
    """Return the reasons that a file holds.

    Raises:
        ValueError: an entry lacks something, or an advisory has two reasons; the message says which.
    """
    found: list[Reason] = []
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")) or (), start=1):
        if not isinstance(entry, Mapping) or set(entry) != {"package", "ids", "reason", "read"} or not all(
            entry.values()
        ):  # fmt: skip
            raise ValueError(f"{path.name}, entry {number}: it must have « package », « ids », « reason » and « read »")
        reason = Reason(
            entry["package"], frozenset(entry["ids"]), " ".join(str(entry["reason"]).split()), entry["read"]
        )
        twice = sorted(name for name in reason.ids if (reason.package, name) in seen)
        if twice or len(reason.ids) < len(entry["ids"]):
            raise ValueError(f"{path.name}, entry {number}: {' '.join(twice) or 'an id'} stands there twice")
        seen |= {(reason.package, name) for name in reason.ids}
        found.append(reason)
    return found


def _locked(run: Run) -> list[str]:
    """Return what `uv.lock` installs on this machine for a server: « name==version »."""
    command = [
        _uv(), "export", "--project", str(PROJECT), "--frozen", "--no-dev", "--no-emit-project", "--no-hashes",
        "--no-annotate", "--no-header", "--quiet",
    ]  # fmt: skip
    code, printed, said = run(command)
    if code:
        raise NotAuditedError(f"uv cannot read uv.lock: {_last_line(said)}")
    return [line.strip() for line in printed.splitlines() if "==" in line]


def _ask(run: Run, requirements: Sequence[str]) -> tuple[list[Advisory], list[str]]:
    """Return the advisories of some requirements, and the requirements of which the service knows nothing."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder, "requirements.txt")
        asked.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        _, printed, said = run([
            _uv(), "tool", "run", TOOL, "--requirement", str(asked), "--no-deps", "--disable-pip",
            "--format", "json", "--progress-spinner", "off",
        ])  # fmt: skip
    try:
        dependencies = json.loads(printed)["dependencies"]
    except (ValueError, KeyError, TypeError) as error:
        # Its exit code is 1 for an advisory too: only its words tell a failure.
        raise NotAuditedError(f"pip-audit gave no answer: {_last_line(said)}") from error
    advisories = [
        Advisory(
            each["name"], each["version"], frozenset({known["id"], *known["aliases"]}), tuple(known["fix_versions"])
        )
        for each in dependencies
        for known in each.get("vulns", ())
    ]
    return advisories, [each["name"] for each in dependencies if "skip_reason" in each]


def _uv() -> str:
    return os.environ.get(UV_VARIABLE) or shutil.which("uv") or str(PROJECT / ".uv" / "bin" / "uv")


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")


def _run(command: Sequence[str]) -> tuple[int, str, str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, cwd=PROJECT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotAuditedError(f"{command[0]} cannot be run: {type(error).__name__}") from error
    return done.returncode, done.stdout, done.stderr
