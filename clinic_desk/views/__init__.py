"""The Qt face: it asks and shows, and never stores."""

from __future__ import annotations

import sys

import PySide6.QtCore  # noqa: F401 - brings the part of PySide that is quietened below


def _import_lean() -> None:
    """Spare the start a tenth of its time.

    PySide reads the source of every module that is imported after it, to see whether the
    module could use its switchable features (``from __feature__ import …``). We use none.
    """
    feature = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = lambda _module: False  # type: ignore[union-attr]  # noqa: SLF001


_import_lean()
