"""Colours as data: reading them, and text that can be read on any of them (WCAG 2.2)."""

from __future__ import annotations

import re
from functools import lru_cache

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_

Rgb = tuple[int, int, int]
"""Red, green and blue, 0 to 255 each."""

BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (255, 255, 255)

TEXT_CONTRAST = 4.5
"""What normal text needs. Black or white reaches it on every background: their contrasts
multiply to 21, so the better of the two is never under the root of 21, 4.58."""

SIGN_CONTRAST = 3.0
"""What large text, icons and borders need."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


def parse(text: str) -> Rgb:
    """The colour of ``#rrggbb``. Raises ``Invalid`` for anything else."""
    if not _HEX.fullmatch(text):
        raise Invalid("colour", N_("“{text}” is not a colour. Write it as #rrggbb."), text=text)
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def text_of(rgb: Rgb) -> str:
    """The colour as ``#rrggbb``, in small letters."""
    return "#{:02x}{:02x}{:02x}".format(*rgb)


@lru_cache(maxsize=4096)
def luminance(rgb: Rgb) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(value / 255) for value in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of two colours, 1 to 21, whichever is in front."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=4096)
def text_on(background: Rgb, *preferred: Rgb, least: float = TEXT_CONTRAST) -> Rgb:
    """The first of *preferred* that reads on *background*, else black or white, the better one."""
    for wish in preferred:
        if contrast(wish, background) >= least:
            return wish
    return max((WHITE, BLACK), key=lambda colour: contrast(colour, background))


def mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """*one* with *share* (0 to 1) of *other*: tints and shades."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def readable(colour: Rgb, background: Rgb, *, least: float = TEXT_CONTRAST) -> Rgb:
    """*colour*, as little darkened or lightened as makes it read on *background*.

    Falls back to black or white where neither way reaches *least* (only above 4.58).
    """
    if contrast(colour, background) >= least:
        return colour
    toward = text_on(background)
    for step in range(1, 21):
        nearer = mixed(colour, toward, step / 20)
        if contrast(nearer, background) >= least:
            return nearer
    return toward


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
