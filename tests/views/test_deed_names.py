"""Every deed that can stand in a history has a name that a person understands."""

from __future__ import annotations

import importlib
import pkgutil

from clinic_desk import services
from clinic_desk.services import work
from clinic_desk.views import deed_names


def test_every_command_has_a_readable_name() -> None:
    for module in pkgutil.iter_modules(services.__path__):
        importlib.import_module(f"{services.__name__}.{module.name}")
    names = deed_names.action_names()
    real = {a for a, c in work.COMMANDS.items() if c.__module__.startswith("clinic_desk.")}
    assert set(names) == real | {work.WITHDRAWN}
    assert all(name and "." not in name for name in names.values())
