"""Form widgets that Django does not have."""

from django import forms


class DayInput(forms.DateInput):
    """The browser's date picker. Its value is ISO 8601 in every language, as browsers ignore localised values."""

    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        """Fix the format to ISO 8601."""
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class Chips(forms.CheckboxSelectMultiple):
    """Short choices side by side, as many per line as fit."""

    layout = "chips"


class ColumnsOfChoices(forms.CheckboxSelectMultiple):
    """Longer choices in columns."""

    layout = "columns"


class ColumnsOfRadios(forms.RadioSelect):
    """Longer choices in columns, for a single choice."""

    layout = "columns"
