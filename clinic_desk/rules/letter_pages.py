"""In which single-byte encoding a list of names is written, by the letters it needs.

The same byte is ã in the West and ă in the East. So each language is tried in its own
encoding: the one whose letters are all there is meant, and the West where several are.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

WEST = "windows-1252"
EAST = "windows-1250"
EAST_ISO = "iso-8859-2"
TURKISH = "windows-1254"

OWN_COUNTRY = 0.03
"""How much of the letters the languages of the country are forgiven."""

MANY = 0.05
"""How much more a mixture of languages must explain: it has nearly all letters."""

_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_PLAIN = re.compile(rb"[A-Za-z]")
_NEUTRAL = frozenset("–—‘’‚“”„…•€°§«»´·®©\xa0\xad")


@dataclass(frozen=True, slots=True)
class _Tongue:
    letters: frozenset[str]
    page: str
    countries: frozenset[str] = frozenset()


def _tongue(letters: str, page: str, countries: str = "") -> _Tongue:
    both = frozenset(letters + letters.upper().replace("SS", ""))
    return _Tongue(both, page, frozenset(countries.split()))


_WESTERN = (
    _tongue("äöüß", WEST),
    _tongue("àâçéèêëîïôœùûüÿ", WEST),
    _tongue("áéíóúüñçàèòïªº", WEST),
    _tongue("áàâãçéêíóôõúüªº", WEST),
    _tongue("àèéìíîòóùú", WEST),
    _tongue("äåöéæø", WEST),
    _tongue("áðéíóúýþæö", WEST),
)
_TURKISH = _tongue("çğıöşüİâîû", TURKISH, "TR CY")
_EASTERN = tuple(
    _tongue(letters, page, countries)
    for page in (EAST, EAST_ISO)
    for letters, countries in (
        ("áéíóöőúüű", "HU"),
        ("ąćęłńóśźż", "PL"),
        ("áčďéěíňóřšťúůýž", "CZ"),
        ("áäčďéíĺľňóôŕšťúýž", "SK"),
        ("čćđšž", "SI HR BA RS ME MK"),
        ("ăâîşţ", "RO MD"),
    )
)
_ALL_WESTERN = _Tongue(
    frozenset().union(*(one.letters for one in _WESTERN), "ýšžŠŽ"), WEST
)  # fmt: skip


def page_of(data: bytes, country: str) -> str | None:
    """The encoding of *data*, names in Latin letters in a list from *country* (ISO 3166).

    None where its words are of another script, or nothing is beyond ASCII.
    """
    strange = [word for word in _WORD.findall(data) if not word.isascii()]
    if not strange or 2 * sum(not _PLAIN.search(word) for word in strange) > len(strange):
        return None
    counts = Counter(byte for word in strange for byte in word if byte > 127)
    home = country.upper()
    best, page = -1.0, WEST
    for tongue in (*_WESTERN, _TURKISH, *_EASTERN, _ALL_WESTERN):
        score = _share(counts, tongue)
        score += OWN_COUNTRY if home in tongue.countries else 0
        score -= MANY if tongue is _ALL_WESTERN else 0
        if score > best + 1e-9:
            best, page = score, tongue.page
    return page


def _share(counts: Counter[int], tongue: _Tongue) -> float:
    """Which part of the strange letters *tongue* knows, from 0 to 1."""
    known = whole = 0
    for byte, count in counts.items():
        sign = bytes((byte,)).decode(tongue.page, "replace")
        if sign not in _NEUTRAL:
            whole += count
            known += count if sign in tongue.letters else 0
    return known / whole if whole else 0.0
