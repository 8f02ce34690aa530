"""Template tags of the front end: form controls with Bootstrap's classes, words for scripts."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.forms import widgets as w
from django.utils.html import json_script
from django.utils.safestring import SafeString

from core.script_words import words_by_script

register = template.Library()


@register.filter
def shape(field: BoundField) -> str:
    """What the field looks like: hidden, checkbox, choices, file, select, textarea or input."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    kinds: list[tuple[type[w.Widget] | tuple[type[w.Widget], ...], str]] = [
        ((w.RadioSelect, w.CheckboxSelectMultiple), "choices"),
        (w.CheckboxInput, "checkbox"),
        (w.FileInput, "file"),
        (w.Select, "select"),
        (w.Textarea, "textarea"),
    ]
    return next((name for classes, name in kinds if isinstance(widget, classes)), "input")


CLASSES = {"checkbox": "form-check-input", "select": "form-select"}


@register.filter
def control(field: BoundField) -> SafeString:
    """The widget with its Bootstrap class, marked when it has errors."""
    kind = shape(field)
    own = field.field.widget.attrs.get("class", "")
    classes = [
        own,
        CLASSES.get(kind, "form-control"),
        "is-invalid" if field.errors else "",
    ]
    attrs: dict[str, str | bool] = {"class": " ".join(filter(None, classes))}
    if kind == "textarea" and field.field.widget.attrs.get("rows", "10") == "10":
        # Django's default of 40 × 10 is too tall for a phone.
        attrs["rows"] = "4"
    return field.as_widget(attrs=attrs)


@register.filter
def many(field: BoundField) -> bool:
    """Whether several choices may be ticked."""
    return isinstance(field.field.widget, w.CheckboxSelectMultiple)


@register.simple_tag
def words(script: str) -> SafeString:
    """The words of one script in the reader's language, as JSON data that the script looks up."""
    return json_script({key: str(word) for key, word in words_by_script()[script].items()}, f"words-{script}")
