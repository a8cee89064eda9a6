"""Which files may be kept with a patient: judged by name, and by how they begin.

They are opened later with whatever the system has for them, so what a system would run is
not taken, nor a file that is something else than its name says.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_

LONGEST = 150

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pdf": "application/pdf",
        "png": "image/png",
        "jpg": "image/jpeg",
        "jpeg": "image/jpeg",
        "gif": "image/gif",
        "webp": "image/webp",
        "tif": "image/tiff",
        "tiff": "image/tiff",
        "bmp": "image/bmp",
        "heic": "image/heic",
        "dcm": "application/dicom",
        "txt": "text/plain",
        "csv": "text/csv",
        "rtf": "application/rtf",
        "doc": "application/msword",
        "xls": "application/vnd.ms-excel",
        "ppt": "application/vnd.ms-powerpoint",
        "docx": f"{_OFFICE}.wordprocessingml.document",
        "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
        "pptx": f"{_OFFICE}.presentationml.presentation",
        "odt": f"{_OPEN}.text",
        "ods": f"{_OPEN}.spreadsheet",
        "odp": f"{_OPEN}.presentation",
        "eml": "message/rfc822",
        "mp3": "audio/mpeg",
        "wav": "audio/wav",
        "mp4": "video/mp4",
    }
)
"""By the end of the name, what may be kept; nothing else is."""

_BEGINS: Final = {
    "application/pdf": (b"%PDF",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/tiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "image/bmp": (b"BM",),
    "image/webp": (b"RIFF",),
    "audio/wav": (b"RIFF",),
    "application/rtf": (b"{\\rtf",),
}
_ZIPPED = (b"PK\x03\x04",)
_OLD_OFFICE = (b"\xd0\xcf\x11\xe0",)
_RUNS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa")
"""What a system would run, whatever it is called."""

_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))]
)
"""Names that Windows keeps for itself."""

NO_NAME = N_("This file has no name.")
NOT_KEPT = N_("Files of the type “{ending}” are not kept with patients.")
NOT_WHAT_IT_SAYS = N_("This file is not what its name says.")


def kept_name(name: str) -> str:
    """The last part of *name*, fit for every system: no folders, no signs that hide the end.

    Raises ``Invalid`` where nothing is left of it, or for a type that is not kept.
    """
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(
        "_" if s in '<>:"|?*' else s for s in plain if unicodedata.category(s)[0] != "C"
    ).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot or not stem.strip(" ."):
        raise Invalid("file", NO_NAME)
    if ending.casefold() not in TYPES:
        raise Invalid("file", NOT_KEPT, ending=ending)
    if stem.casefold().partition(".")[0].strip() in _DEVICES:
        stem = f"_{stem}"
    return f"{stem[: LONGEST - len(ending) - 1].rstrip(' .')}.{ending}"


def media_type(name: str, beginning: bytes) -> str:
    """What a file is by its name, if its first bytes agree. Raises ``Invalid``."""
    ending = name.rpartition(".")[2].casefold()
    if ending not in TYPES:
        raise Invalid("file", NOT_KEPT, ending=ending)
    found = TYPES[ending]
    marks = _BEGINS.get(found, ())
    if found.startswith((_OFFICE, _OPEN)):
        marks = _ZIPPED
    elif ending in {"doc", "xls", "ppt"}:
        marks = _OLD_OFFICE
    if (marks and not beginning.startswith(marks)) or beginning.startswith(_RUNS):
        raise Invalid("file", NOT_WHAT_IT_SAYS)
    return found
