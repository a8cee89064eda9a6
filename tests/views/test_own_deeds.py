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


def test_what_stands_is_told_before_anything_older_is_taken_back() -> None:
    own = OwnDeeds()
    own.did(1, "one")
    own.stands("mail", "It is sent.")
    own.stands("password", "It is kept nowhere.")
    assert own.to_undo is not None
    assert (own.to_undo.words, own.to_undo.why, own.count) == ("password", "It is kept nowhere.", 1)
    assert own.find(0) is None
    own.told()
    assert own.to_undo is not None
    assert own.to_undo.seq == 1
    own.took_back(own.to_undo, 2)
    own.stands("mail", "It is sent.")
    own.told()  # nothing older is there
    assert own.to_undo is not None
    assert own.to_undo.words == "mail"
