"""Form widgets that Django does not have."""

from django import forms


class DayInput(forms.DateInput):
    """The browser's own calendar. Its value is ISO 8601 in every language; a localised one would come out empty."""

    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        """The format is fixed."""
        super().__init__(attrs=attrs, format="%Y-%m-%d")
