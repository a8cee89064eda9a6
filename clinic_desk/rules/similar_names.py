"""May two names be the same person's? A hint for whoever registers a patient, never a decision."""

from __future__ import annotations

from clinic_desk.rules import fold

SHORT = 3
"""Words up to this length have to be the same; a slip would make too many of them alike."""


def alike(first: str, last: str, other_first: str, other_last: str) -> bool:
    """Whether two people's names differ by slips only: accents, one letter, the order of first
    and last name, a second first name that one of them leaves out.

    >>> alike("Jane", "Smith", "Smyth", "Jané Mary")
    True
    """
    words = fold.words(f"{last} {first}")
    others = fold.words(f"{other_last} {other_first}")
    fewer, more = sorted((words, others), key=len)
    if not fewer or (len(fewer) == 1 and len(more) > 1):
        return False
    left = list(more)
    for word in fewer:
        match = next((other for other in left if close(word, other)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def close(word: str, other: str) -> bool:
    """Whether two folded words are the same but for one slip of the hand: a letter too many,
    too few, another one, or two that changed places.
    """
    if word == other:
        return True
    if min(len(word), len(other)) <= SHORT or abs(len(word) - len(other)) > 1:
        return False
    begin = 0
    while begin < min(len(word), len(other)) and word[begin] == other[begin]:
        begin += 1
    one, two = word[begin:], other[begin:]
    if len(one) != len(two):
        longer, shorter = sorted((one, two), key=len, reverse=True)
        return longer[1:] == shorter
    return one[1:] == two[1:] or (one[:2] == two[1::-1] and one[2:] == two[2:])
