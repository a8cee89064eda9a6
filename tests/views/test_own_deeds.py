"""What can be undone and done again."""

from __future__ import annotations

from clinic_desk.views.own_deeds import LIMIT, OwnDeeds


def test_the_last_deed_is_undone_first_and_redone_first() -> None:
    own = OwnDeeds()
    own.did(1, "one")
    own.did(2, "two")
    assert own.to_undo is not None
    own.took_back(own.to_undo, 3)
    assert own.to_undo is not None
    assert (own.to_undo.seq, own.to_redo.words if own.to_redo else "") == (1, "two")
    assert own.to_redo is not None
    own.did_again(own.to_redo, 4)
    assert own.to_undo is not None
    assert own.to_undo.seq == 4
    assert own.to_redo is None


def test_a_new_deed_ends_what_could_be_redone() -> None:
    own = OwnDeeds()
    own.did(1, "one")
    assert own.to_undo is not None
    own.took_back(own.to_undo, 2)
    own.did(3, "three")
    assert own.to_redo is None


def test_only_so_many_steps_are_kept() -> None:
    own = OwnDeeds()
    for seq in range(LIMIT + 5):
        own.did(seq, str(seq))
    assert own.count == LIMIT


def test_a_deed_that_cannot_be_taken_back_is_forgotten() -> None:
    own = OwnDeeds()
    own.did(1, "one")
    own.did(2, "two")
    own.forget(2)
    assert own.to_undo is not None
    assert own.to_undo.seq == 1
