"""Forms that save only what changed on their page: two windows neither erase nor hide each other's words.

A page carries the version of each field as it was when the page was made, and sends it along. A field is saved if it
changed on this page alone. If it changed elsewhere alone, it stays as it is; if in both places, nothing is saved of
it, and the page shows both.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext as _

VERSION_LENGTH: Final = 12  # hexadecimal digits: 48 bits tell two texts of one field apart
NOTHING: Final = "–"


def version(value: Any) -> str:
    """Return the version of a stored value. Equal texts have equal versions, however their lines end."""
    if value in (None, "", []):
        return ""
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=False).replace("\\r\\n", "\\n")
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_LENGTH]


@dataclass
class Merged:
    """What became of the fields of one form, by the name of the model's field."""

    saved: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)  # changed in another window alone
    conflicts: list[str] = field(default_factory=list)


def merge(stored: Model, *, typed: Mapping[str, Any], seen: Mapping[str, str] | None) -> Merged:
    """Set on `stored`, which the caller has locked, what changed on this page alone.

    `seen` holds the versions that the page began with; a page that sends none is taken to have seen what is stored.
    """
    merged = Merged()
    for name, value in typed.items():
        now, mine = version(getattr(stored, name)), version(value)
        began = now if seen is None else seen.get(name, now)
        if now in (began, mine):
            setattr(stored, name, value)
            merged.saved.append(name)
        elif mine == began:
            merged.elsewhere.append(name)
        else:
            merged.conflicts.append(name)
    return merged


class MergingForm(forms.ModelForm):  # type: ignore[type-arg]  # of any model
    """A form whose page may be open in two windows.

    `joined` names fields of the model that several inputs make up, as name -> inputs.
    """

    joined: dict[str, tuple[str, ...]] = {}
    versions = forms.JSONField(required=False, max_length=5000, widget=forms.HiddenInput(attrs={"data-versions": ""}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.merged = Merged()
        self.initial["versions"] = self.versions_of(self.instance)

    @property
    def merged_names(self) -> tuple[str, ...]:
        """The fields of the model that this form edits."""
        return (*self._meta.fields, *self.joined)  # type: ignore[misc]

    def versions_of(self, stored: Model) -> dict[str, str]:
        """Return the version of each field as stored."""
        return {name: version(getattr(stored, name)) for name in self.merged_names}

    def clean_versions(self) -> dict[str, str] | None:
        """Return what the page began with; None from a page that does not say."""
        sent = self.cleaned_data["versions"]
        if not isinstance(sent, dict):
            return None
        return {str(name): str(value) for name, value in sent.items()}

    def merge_into(self, stored: Model) -> Merged:
        """Set every field without an error on `stored`, as `merge` says, and keep it as the instance."""
        invalid = set(self.errors)
        typed = {name: self.cleaned_data[name] for name in self.merged_names if name in self.cleaned_data}
        usable = {name: value for name, value in typed.items() if name not in invalid}
        for name, value in usable.items():
            if value == "" and stored._meta.get_field(name).null:
                usable[name] = None
        self.merged = merge(stored, typed=usable, seen=self.cleaned_data.get("versions"))
        self.instance = stored
        return self.merged

    def inputs_of(self, name: str) -> Iterable[str]:
        """Return the names of the inputs that make up a field of the model."""
        return self.joined.get(name, (name,))

    def stored_inputs(self, name: str) -> dict[str, list[str]]:
        """Return what the inputs of a field would hold if the page were made now."""
        value = getattr(self.instance, name)
        if isinstance(value, bool):
            return {self.add_prefix(name): ["on"] if value else []}
        many = value if isinstance(value, list) else [value]
        return {self.add_prefix(name): [str(each) for each in many if each not in (None, "")]}

    def stored_text(self, name: str) -> str:
        """Return a field as stored, in words."""
        value = getattr(self.instance, name)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        choices = dict(getattr(self.fields.get(name), "choices", ()))
        labels = [str(choices.get(each, each)) for each in (value if isinstance(value, list) else [value]) if each]
        return ", ".join(labels) or NOTHING

    def answer(self) -> dict[str, Any]:
        """Return for the page's script: new versions, what changed elsewhere, and what changed in both places."""
        now = self.versions_of(self.instance)

        def told(name: str) -> dict[str, Any]:
            first = next(iter(self.inputs_of(name)))
            return {
                "field": self.add_prefix(first),
                "values": self.stored_inputs(name),
                "text": self.stored_text(name),
                "version": now[name],
            }

        return {
            "versions": {name: now[name] for name in self.merged.saved},
            "elsewhere": {name: told(name) for name in self.merged.elsewhere},
            "conflicts": {name: told(name) for name in self.merged.conflicts},
        }

    def show_conflicts(self) -> None:
        """Make every conflict an error that shows the other text, and let the next sending keep this page's.

        For pages that send the whole form and get it back.
        """
        for name in self.merged.conflicts:
            self.add_error(
                next(iter(self.inputs_of(name))),
                _("Changed meanwhile in another window. It says there: “%(text)s”. To keep yours, send it once more.")
                % {"text": self.stored_text(name)},
            )
        now = self.versions_of(self.instance)
        known = self.cleaned_data.get("versions") or {}
        known |= {name: now[name] for name in (*self.merged.saved, *self.merged.conflicts)}
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("versions")] = json.dumps(known)
        self.data = data
