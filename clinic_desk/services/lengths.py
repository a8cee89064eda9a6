"""How many characters the texts of visits and events may have: enough for whoever writes, and
few enough that no list, letter or history ever has to show a book.
"""

from __future__ import annotations

from typing import Final

PROBLEM: Final = 300
NOTES: Final = 10_000
REASON: Final = 500
"""Why a visit was cancelled or declined, or a refusal was set aside."""
TITLE: Final = 200
NAME: Final = 120
ADDRESS: Final = 254
"""An e-mail address, and any other word of the settings for mails."""
CERTIFICATE: Final = 100_000
"""A certificate of a mail server, with all those that vouch for it."""
