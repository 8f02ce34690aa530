"""Rendering of form fields: one template, Bootstrap's classes, labels and errors associated with their control.

`{{ form.title.as_field_group }}` renders `forms/field.html`. A widget with several choices may have a `layout`, such
as `core.widgets.Chips`.
"""

from typing import Any, Final

from django.forms import BoundField, Widget
from django.forms import widgets as w
from django.forms.renderers import TemplatesSetting

_KINDS: Final = (
    ((w.RadioSelect, w.CheckboxSelectMultiple), "choices"),
    (w.CheckboxInput, "checkbox"),
    (w.FileInput, "file"),
    (w.Select, "select"),
    (w.Textarea, "textarea"),
)
_CLASSES: Final = {"checkbox": "form-check-input", "choices": "form-check-input", "select": "form-select"}


class Field(BoundField):
    """A bound field with the kind of control and layout that the template needs."""

    @property
    def kind(self) -> str:
        """The kind of control: hidden, checkbox, choices, file, select, textarea or input."""
        if self.is_hidden:
            return "hidden"
        return next((kind for classes, kind in _KINDS if isinstance(self.field.widget, classes)), "input")

    @property
    def is_marked(self) -> bool:
        """Whether the label has the mark of required fields: not a list that always has one of its choices chosen."""
        if not self.field.required or self.kind != "select":
            return bool(self.field.required)
        return any(value in ("", None) for value, _label in getattr(self.field, "choices", ()))

    @property
    def layout(self) -> str:
        """The layout of several choices; "" for a vertical list."""
        return getattr(self.field.widget, "layout", "")

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        """Add Bootstrap's class, and mark the control when it has errors."""
        widget = widget or self.field.widget
        own: dict[str, Any] = {}
        if not self.is_hidden:
            bootstrap = _CLASSES.get(self.kind, "form-control")
            classes = (widget.attrs.get("class"), bootstrap, "is-invalid" if self.errors else "")
            own["class"] = " ".join(filter(None, classes))
        if self.kind == "textarea" and widget.attrs.get("rows", "10") == "10":
            own["rows"] = "4"  # Django's default of 40 × 10 is too tall for a phone
        built: dict[str, Any] = super().build_widget_attrs(own | attrs, widget)
        return built


class Renderer(TemplatesSetting):
    """Renderer that uses the project's templates for forms and Django's own for widgets."""

    field_template_name = "forms/field.html"
    bound_field_class = Field
