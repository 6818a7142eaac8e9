"""Modules that are imported when they are used, and not when they are named (docs/adr/0023).

``from module import Name`` gives a stand-in for ``Name``, and whatever uses it - calls it, derives from it, looks into
it, tests an instance against it - imports the module first. So nothing is missing; it only comes later.
"""

import importlib
import logging
import sys
from collections.abc import Iterable, Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

logger = logging.getLogger(__name__)


class Later:
    """A name of a module that is not imported yet."""

    def __init__(self, module: str, name: str) -> None:
        """Stand for ``name`` of ``module``."""
        self._module = module
        self._name = name

    def _real(self) -> Any:
        return getattr(_import(self._module, self._name), self._name)

    def __getattr__(self, name: str) -> Any:
        """Look into the real thing."""
        # Annotations ask what a thing is; they do not use it.
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._real(), name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the real thing."""
        return self._real()(*args, **kwargs)

    def __getitem__(self, item: Any) -> Any:
        """Index the real thing."""
        return self._real()[item]

    def __iter__(self) -> Iterator[Any]:
        """Go through the real thing."""
        return iter(self._real())

    def __len__(self) -> int:
        """Return the real length."""
        return len(self._real())

    def __contains__(self, item: Any) -> bool:
        """Search the real thing."""
        return item in self._real()

    def __mro_entries__(self, _: tuple[Any, ...]) -> tuple[Any, ...]:
        """Be the real class for a class that derives from it."""
        return (self._real(),)

    def __instancecheck__(self, instance: Any) -> bool:
        """Check against the real class."""
        return isinstance(instance, self._real())

    def __subclasscheck__(self, kind: type) -> bool:
        """Check against the real class."""
        return issubclass(kind, self._real())


class _StandIn(ModuleType):
    """A module of which only the name is known."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Later(self.__name__, name)


class _Finder(MetaPathFinder, Loader):
    """Gives stand-ins for ``names``, which are packages or modules, and for what is under them."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def covering(self, module: str) -> str | None:
        """Return which of the names ``module`` is, or is under."""
        return next((name for name in self.names if f"{module}.".startswith(f"{name}.")), None)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Find the stand-in for a module, if it is one of ours."""
        return ModuleSpec(fullname, self, is_package=True) if self.covering(fullname) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stand-in."""
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing."""


_FINDER = _Finder()


def import_later(names: Iterable[str]) -> None:
    """Import ``names``, and what is under them, when they are used; what is imported already stays as it is."""
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    _FINDER.names += [name for name in names if name not in sys.modules]


def import_at_once(names: Iterable[str]) -> None:
    """Undo :func:`import_later` for whoever imports ``names`` from now on."""
    for name in names:
        if name in _FINDER.names:
            _FINDER.names.remove(name)
            for module in [module for module, found in sys.modules.items() if isinstance(found, _StandIn)]:
                if f"{module}.".startswith(f"{name}."):
                    del sys.modules[module]


def _import(module: str, reason: str) -> ModuleType:
    name = _FINDER.covering(module)
    if name:
        import_at_once([name])
        logger.warning("%s is imported after all, for « %s »", name, reason)
    return importlib.import_module(module)
