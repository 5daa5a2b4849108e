"""Find plug-ins: every module of a package that defines one named object is one plug-in.

Adding a feature family, a channel, an encoder or a reader is adding one file; nothing else is edited.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from data.problem import DuijieError


def modules(package: str) -> Iterator[str]:
    """Names of the modules directly inside ``package``, sorted, private ones left out."""
    path = importlib.import_module(package).__path__
    for info in sorted(pkgutil.iter_modules(path), key=lambda item: item.name):
        if not info.name.startswith("_"):
            yield f"{package}.{info.name}"


def discover(package: str, attribute: str) -> dict[str, Any]:
    """All plug-ins of ``package``: the object called ``attribute`` of each module, keyed by its ``name``.

    Raises
    ------
    DuijieError
        ``registry.empty`` when nothing is found, ``registry.twice`` when two plug-ins share a name.
    """
    found: dict[str, Any] = {}
    for module_name in modules(package):
        plugin = getattr(importlib.import_module(module_name), attribute, None)
        if plugin is None:
            continue
        if plugin.name in found:
            raise DuijieError("registry.twice", f"two plug-ins of {package} are called {plugin.name!r}")
        found[plugin.name] = plugin
    if not found:
        raise DuijieError("registry.empty", f"no module of {package} defines {attribute}")
    return found
