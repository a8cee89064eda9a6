"""Which countries there are, and in which one the clocks of a time zone hang."""

from __future__ import annotations

from functools import cache

from clinic_desk.rules import fold
from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.words import N_

NO_COUNTRY = N_("Please choose a country from the list.")

_NO_COUNTRIES = frozenset({"AC", "EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Two letters too, but unions, remainders and trials."""


@cache
def all_codes() -> frozenset[str]:
    """ISO 3166: the two letters of every country."""
    from babel import Locale

    names = {str(code) for code in Locale.parse("en").territories}
    return frozenset(c for c in names if len(c) == 2 and c.isalpha()) - _NO_COUNTRIES


def of_zone(zone: str) -> str:
    """The country whose clocks go by *zone* ("Europe/Vienna" is in "AT"); empty for a zone of no
    country, such as UTC.
    """
    import babel  # noqa: F401 - first: another thread may be loading it from its top
    from babel.core import get_global

    known = get_global("zone_aliases").get(zone, zone)
    found = str(get_global("zone_territories").get(known, ""))
    return found if found in all_codes() else ""


def checked(code: str, field: str = "country") -> str:
    """*code* as it is stored. Raises ``Invalid`` naming *field* where it is no country."""
    found = fold.clean(field, code).upper()
    if found not in all_codes():
        raise Invalid(field, NO_COUNTRY)
    return found
