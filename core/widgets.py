"""Form widgets that Django does not have."""

from django import forms


class DayInput(forms.DateInput):
    """The browser's own calendar. Its value is ISO 8601 in every language; a localised one would come out empty."""

    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        """The format is fixed."""
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class Chips(forms.CheckboxSelectMultiple):
    """Short choices side by side, as many to a line as fit."""

    layout = "chips"


class ColumnsOfChoices(forms.CheckboxSelectMultiple):
    """Longer choices in columns."""

    layout = "columns"


class ColumnsOfRadios(forms.RadioSelect):
    """Longer choices in columns, one of which is taken."""

    layout = "columns"
