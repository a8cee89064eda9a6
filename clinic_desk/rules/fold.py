"""Text from people: the key under which names are found, and what is not text at all."""

from __future__ import annotations

import unicodedata

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_

_LETTERS = str.maketrans(
    {
        # They are letters of their own and do not decompose; people type them without.
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "ı": "i",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
        "ĸ": "k",
        "ə": "e",
        "ɛ": "e",
        "ɔ": "o",
        "ƒ": "f",
        # Written in many ways in one family's papers.
        "ё": "е",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ة": "ه",
        "ٱ": "ا",
        "ـ": None,
        # Apostrophes and hyphens of every sort are a blank or nothing.
        "'": None,
        "’": None,
        "‘": None,
        "ʼ": None,
        "ʻ": None,
        "`": None,
        "´": None,
        **dict.fromkeys('-‐‑‒–—−_.,;:/\\|()[]{}"«»„“”+*&', " "),
    }
)


def key(text: str) -> str:
    """The folded form of *text* for searching: no case, no marks, single blanks.

    "Łukasz Ørsted-Straße" and "lukasz orsted strasse" are the same. Scripts stay what they
    are; digits of every script become 0 to 9. Folding a key again changes nothing.
    """
    out = _once(text)
    while (again := _once(out)) != out:
        out = again
    return out


def words(text: str) -> list[str]:
    """The folded words of a query, each of which has to be found."""
    return key(text).split()


def _once(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold()).casefold()
    kept = []
    for sign in folded:
        category = unicodedata.category(sign)
        if category in {"Mn", "Me", "Cf"}:
            continue  # accents, enclosing marks, marks of direction
        if category == "Nd":
            kept.append(str(unicodedata.decimal(sign)))
        elif category in {"Cc", "Cs", "Zl", "Zp"}:
            kept.append(" ")
        else:
            kept.append(sign)
    return " ".join("".join(kept).translate(_LETTERS).split())


def has_control(text: str, *, lines: bool = False) -> bool:
    """Whether *text* holds control characters, NUL or half surrogates among them.

    With *lines*, line breaks and tabs are welcome (notes); a name has none.
    """
    allowed = "\n\r\t" if lines else ""
    return any(unicodedata.category(s) in {"Cc", "Cs"} and s not in allowed for s in text)


def clean(field: str, text: str, *, lines: bool = False, longest: int | None = None) -> str:
    """*text* as it is stored: composed (NFC), without blanks around it.

    Raises ``Invalid`` for control characters (the two databases disagree about them) and for
    more than *longest* characters.
    """
    if has_control(text, lines=lines):
        raise Invalid(field, N_("This text holds characters that cannot be shown."))
    out = unicodedata.normalize("NFC", text).strip()
    if longest is not None and len(out) > longest:
        raise Invalid(field, N_("This text is longer than {longest} characters."), longest=longest)
    return out
