"""Things that are found by name: those of this package, and those that other packages add.

Modes, views, annotations, formats of fits and of output, body models and rasterizers are all found in this
one way. Ours are the modules of one folder. Those of other packages are entry points, so that a mode can be
added without touching this repository:

    [project.entry-points."smpl_render.modes"]
    heat = "my_package.heat:MODE"
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Generic, TypeVar, cast

from render.errors import ConfigError, list_causes

# Of a name that there is not, in messages.
MOST_SHOWN = 100

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Registry(Generic[Thing]):
    """All things of one kind.

    Nothing is imported before it is asked for: names cost no more than looking into a folder and at the
    metadata of what is installed. Where another package takes a name of ours, ours stays.

    Attributes:
        kind: What one of them is called, in messages.
        group: The group of entry points in which other packages name theirs.
        folder: The package of ours whose modules they are, each named by its module; those of packages below
            it too. No module's name begins with a digit: `3dpw` is `_3dpw`.
        attribute: What a module of ours calls the thing.
        first: Names that come before the others, which are in the order of the alphabet.
    """

    kind: str
    group: str
    folder: str
    attribute: str
    first: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Ours, then those of other packages."""
        return (*self._ours, *self._theirs)

    def load(self, name: str) -> Thing:
        """Imports the thing of that name.

        Raises:
            ConfigError: There is none of that name, or it is of another package and cannot be imported.
        """
        # Some are asked for many times a sheet, and to ask Python for a module again takes longer.
        if name in self._modules:
            return cast(Thing, getattr(self._modules[name], self.attribute))
        if name in self._ours:
            self._modules[name] = import_module(self._ours[name])
            return cast(Thing, getattr(self._modules[name], self.attribute))
        self.check(self.kind, name)
        entry = self._theirs[name]
        try:
            return cast(Thing, entry.load())
        # Anything may go wrong in code that is not ours.
        except Exception as error:
            raise ConfigError(
                f"{self.kind} {name!r} of the package {_owner(entry)} cannot be imported: "
                f"{list_causes(error)}. Mend or uninstall that package."
            ) from error

    def describe(self, name: str) -> str:
        """What it is, in a line: the first of its module's docstring."""
        try:
            module = import_module(self._ours[name] if name in self._ours else self._theirs[name].module)
        # Help must not fail for a package that does.
        except Exception as error:
            return f"cannot be imported: {type(error).__name__}: {error}".splitlines()[0]
        return next(iter((module.__doc__ or "").splitlines()), "")

    def check(self, where: str, name: str) -> None:
        """Raises ConfigError, which begins with `where`, unless there is one of that name."""
        check_name(where, self.kind, name, self.names)

    def identify(self, name: str) -> str | None:
        """The package and the version that a thing comes from; None for ours, which has a version for all."""
        return None if name in self._ours else _owner(self._theirs[name])

    @cached_property
    def _modules(self) -> dict[str, ModuleType]:
        """Those of ours that were asked for."""
        return {}

    @cached_property
    def _ours(self) -> dict[str, str]:
        """The modules by the names of what they hold."""
        modules = pkgutil.walk_packages(import_module(self.folder).__path__, f"{self.folder}.")
        found = {
            module.name.rpartition(".")[2].removeprefix("_"): module.name
            for module in modules
            if not module.ispkg
        }
        return {name: found[name] for name in (*self.first, *sorted(found.keys() - set(self.first)))}

    @cached_property
    def _theirs(self) -> dict[str, EntryPoint]:
        found = sorted(entry_points(group=self.group), key=lambda entry: entry.name)
        return {entry.name: entry for entry in found if entry.name not in self._ours}


def check_name(where: str, kind: str, name: str, known: tuple[str, ...]) -> None:
    """Raises ConfigError, which begins with `where` and says what there is, unless `name` is known."""
    if name in known:
        return
    close = get_close_matches(name.lower(), known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    raise ConfigError(f"{where}: no {kind} {name[:MOST_SHOWN]!r}{hint} There are: {', '.join(known)}")


def _owner(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else entry.module
