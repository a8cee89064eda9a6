"""Amounts of money as people write and read them; inside they are whole minor units."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from clinic_desk import i18n
from clinic_desk.rules.errors import Invalid
from clinic_desk.services.payments import BAD_AMOUNT, TYPE_AMOUNT

_SIGNS = str.maketrans({"٫": ".", "٬": None, "'": None, "’": None})
"""Separators of Arabic and Swiss hands."""


def money_text(amount_minor: int, currency: str, digits: int) -> str:
    """ "€45.00" or "45,00 €", as the locale writes it."""
    from babel.numbers import format_currency

    value = Decimal(amount_minor).scaleb(-digits)
    return str(format_currency(value, currency, locale=i18n.locale()))


def amount_text(amount_minor: int, digits: int) -> str:
    """ "45.00" or "45,00": what stands in a field."""
    from babel.numbers import format_decimal

    value = Decimal(amount_minor).scaleb(-digits)
    pattern = "0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, pattern, locale=i18n.locale()))


def amount_of(text: str, digits: int) -> int:
    """The minor units that *text* means, by the locale's separators; a point or a comma that
    can only be the decimal one is understood too, and so are the digits of every script.

    Raises ``Invalid`` (field "amount").
    """
    from babel.numbers import NumberFormatError, parse_decimal

    plain = "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        for sign in unicodedata.normalize("NFKC", text)
        if not sign.isspace() and unicodedata.category(sign) != "Cf"
    ).translate(_SIGNS)
    if digits and re.fullmatch(rf"\d+[.,]\d{{1,{min(digits, 2)}}}", plain):
        value = Decimal(plain.replace(",", "."))
    else:
        if not re.fullmatch(r"\d[\d.,]*", plain):
            raise Invalid("amount", BAD_AMOUNT, way_out=TYPE_AMOUNT)
        try:
            value = parse_decimal(plain, locale=i18n.locale(), strict=True)
        except NumberFormatError:
            raise Invalid("amount", BAD_AMOUNT, way_out=TYPE_AMOUNT) from None
    minor = value.scaleb(digits)
    if minor != minor.to_integral_value():
        raise Invalid("amount", BAD_AMOUNT, way_out=TYPE_AMOUNT)
    return int(minor)
