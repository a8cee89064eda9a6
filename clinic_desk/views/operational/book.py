"""What a page of the section is about: its list, its fields, and the deeds of a save."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from clinic_desk.services.cards import Done
from clinic_desk.services.catalogue import Catalogue
from clinic_desk.services.impact import Impact
from clinic_desk.views.desk import Desk
from clinic_desk.views.operational.fields import BookFields
from clinic_desk.views.operational.impact_panel import no_longer_fit
from clinic_desk.views.operational.lines import Line, LineModel

if TYPE_CHECKING:
    from clinic_desk.views.operational.book_face import BookFace


class Form(QWidget):
    """The fields of one entry. ``edited`` when the user changed something.

    Attributes:
        fields: those that a refusal names.
    """

    edited = Signal()
    fields: BookFields

    def set_catalogue(self, catalogue: Catalogue) -> None:
        """Other choices; what is chosen stays."""

    def fill(self, shown: Any) -> None:
        """Show an entry; None for a new one."""
        raise NotImplementedError

    def draft(self) -> Any:
        """What stands in the fields."""
        raise NotImplementedError

    def lock(self, why: str) -> None:
        """Nothing can be changed, and *why*; empty: it can."""
        for field in self.fields.each():
            field.setEnabled(not why)
            field.setToolTip(why)

    def tell(self, error: BaseException) -> bool:
        """Show a refusal beside its field; False where it is about none."""
        return self.fields.tell(error)


Step = tuple[str, Callable[..., Done[Any]], tuple[Any, ...], dict[str, Any]]
"""A deed of a save: its name, the command, what it is given."""


class Book:
    """What one page is about. ``name`` begins the names of its widgets."""

    name = ""
    title = ""
    one = ""
    new_text = ""
    choose_text = ""
    headings = ("", "")
    growing = 1
    """The column of the list that takes what room is left."""
    wraps = False
    """Names alone stand in the list, and a long one takes two lines instead of being cut off."""
    kinds: frozenset[str] = frozenset()
    listing = "Location Get All"
    changing = "Location Update All"
    can_be_inactive = True
    remove_text = ""
    """On the button that takes an entry away; empty: nothing here is ever taken away."""

    def form(self, desk: Desk) -> Form:
        """The fields."""
        raise NotImplementedError

    def panel(self, face: BookFace) -> QWidget | None:
        """What stands above the list; None where nothing does."""
        return None

    def sifted(self, model: LineModel) -> None:
        """The list is another."""

    def lines(self, desk: Desk, cards: Any) -> Iterator[Line]:
        """The list from what :meth:`list_query` found."""
        raise NotImplementedError

    def list_query(self) -> Callable[..., Any]:
        """Asks for all entries."""
        raise NotImplementedError

    def show_query(self) -> Callable[..., Any]:
        """Asks for one entry by its number."""
        raise NotImplementedError

    def number(self, shown: Any) -> int:
        """The number of an entry that is shown, or that a command gave back."""
        raise NotImplementedError

    def heading(self, shown: Any) -> str:
        """What an entry is called above its form."""
        raise NotImplementedError

    def steps(self, shown: Any, draft: Any) -> list[Step]:
        """The deeds that make *draft* of *shown* (None: a new one), one after the other."""
        raise NotImplementedError

    def preview(
        self, shown: Any, draft: Any
    ) -> tuple[Callable[..., Impact], tuple[Any, ...]] | None:
        """Asks what all steps together would break, before the first of them is done; None
        where each step asks by itself.
        """
        return None

    def remove(self, shown: Any) -> Step:
        """The deed that takes an entry away."""
        raise NotImplementedError

    def told(self, step: str) -> Callable[[int], str]:
        """How many visits a step would break, as a sentence."""
        return no_longer_fit

    def allowed(self, desk: Desk) -> bool:
        """Whether the user may change anything here."""
        return desk.may(self.changing)
