"""Template tags for forms: Django's own widgets with Bootstrap's classes."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.forms import widgets as w
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def shape(field: BoundField) -> str:
    """What the field looks like: hidden, checkbox, choices, file, select, textarea or input."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, w.RadioSelect | w.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, w.CheckboxInput):
        return "checkbox"
    if isinstance(widget, w.FileInput):
        return "file"
    if isinstance(widget, w.Select):
        return "select"
    return "textarea" if isinstance(widget, w.Textarea) else "input"


CLASSES = {"checkbox": "form-check-input", "select": "form-select"}


@register.filter
def control(field: BoundField) -> SafeString:
    """The widget with its Bootstrap class, marked when it has errors."""
    own = field.field.widget.attrs.get("class", "")
    classes = [
        own,
        CLASSES.get(shape(field), "form-control"),
        "is-invalid" if field.errors else "",
    ]
    attrs: dict[str, str | bool] = {"class": " ".join(filter(None, classes))}
    if shape(field) == "textarea" and "rows" not in field.field.widget.attrs:
        attrs["rows"] = "4"
    return field.as_widget(attrs=attrs)


@register.filter
def many(field: BoundField) -> bool:
    """Whether several choices may be ticked."""
    return isinstance(field.field.widget, w.CheckboxSelectMultiple)
