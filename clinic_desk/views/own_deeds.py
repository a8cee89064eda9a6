"""What this user did in this session, for Ctrl+Z and Ctrl+Shift+Z. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 20
"""How many steps back are kept."""


@dataclass(frozen=True, slots=True)
class OwnDeed:
    """A deed of the history by its number, and what the menus call it ("Move to 10:00").
    ``why`` says of one that cannot be taken back why not, and what to do instead; it has no
    number then.
    """

    seq: int
    words: str
    why: str = ""


class OwnDeeds:
    """Two stacks. A deed that is taken back is a deed too, and taking that back is the redo."""

    def __init__(self) -> None:
        self._done: list[OwnDeed] = []
        self._undone: list[OwnDeed] = []

    @property
    def to_undo(self) -> OwnDeed | None:
        """The newest own deed, if there is one: also one that cannot be taken back, so that
        nothing older goes in its place without a word.
        """
        return self._done[-1] if self._done else None

    @property
    def to_redo(self) -> OwnDeed | None:
        """The deed that was undone last, if nothing was done since."""
        return self._undone[-1] if self._undone else None

    def find(self, seq: int) -> OwnDeed | None:
        """The own deed of this number, while it stands."""
        return next((deed for deed in self._done if deed.seq == seq and not deed.why), None)

    @property
    def count(self) -> int:
        """How many deeds can be undone."""
        return sum(not deed.why for deed in self._done)

    def did(self, seq: int, words: str) -> None:
        """A new deed was done; what could be redone no longer can."""
        self._done.append(OwnDeed(seq, words))
        del self._done[:-LIMIT]
        self._undone.clear()

    def stands(self, words: str, why: str) -> None:
        """A deed was done that cannot be taken back: *why* says so. Of several the last counts."""
        self._let_go()
        self._done.append(OwnDeed(0, words, why))
        del self._done[:-LIMIT]

    def told(self) -> None:
        """It was said why the newest deed stands: then comes what is older, if there is any."""
        if self.count:
            self._let_go()

    def _let_go(self) -> None:
        if self._done and self._done[-1].why:
            self._done.pop()

    def took_back(self, deed: OwnDeed, by: int) -> None:
        """*deed* was undone by deed number *by*."""
        self._done = [kept for kept in self._done if kept.seq != deed.seq]
        self._undone.append(OwnDeed(by, deed.words))

    def did_again(self, deed: OwnDeed, by: int) -> None:
        """*deed*, an undoing, was itself undone by deed number *by*."""
        self._undone = [kept for kept in self._undone if kept.seq != deed.seq]
        self._done.append(OwnDeed(by, deed.words))

    def forget(self, seq: int) -> None:
        """Drop a deed that can no longer be taken back."""
        self._done = [kept for kept in self._done if kept.seq != seq]
        self._undone = [kept for kept in self._undone if kept.seq != seq]
