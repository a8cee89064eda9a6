"""Numbers of payment cards, which are never kept: recognised so that they can be refused."""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"(?<!\d)[2-6](?:[ \-.]?\d){12,18}(?!\d)")
"""13 to 19 digits, in groups or not; cards begin with 2 to 6."""


def holds_card_number(text: str) -> bool:
    """Whether *text* holds what is most likely the number of a payment card.

    Digits of every script count; the last digit has to be the right check digit (Luhn), so
    telephone and invoice numbers seldom pass for a card.
    """
    plain = "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        for sign in unicodedata.normalize("NFKC", text)
    )
    return any(_checks(found.group()) for found in _RUN.finditer(plain))


def _checks(run: str) -> bool:
    digits = [int(sign) for sign in run if sign.isdigit()]
    doubled = (d * 2 - 9 * (d > 4) if place % 2 else d for place, d in enumerate(digits[::-1]))
    return sum(doubled) % 10 == 0
