"""The marker for text that is defined here and translated where it is shown."""


def N_(text: str) -> str:  # noqa: N802 - the marker that gettext's extractors know
    """Mark *text* for the catalogues and return it unchanged.

    The faces translate it when they show it (``clinic_desk.i18n``).
    """
    return text


class Term(str):
    """A text that is marked for translation itself, and fills a place in another one."""

    __slots__ = ()
