"""A hint before something is posted that colleagues may read as profanity or discrimination. It never refuses.

The first sending shows the hint beside the words; the second one, with the same words, passes. So it works without
scripts, and nobody has to tick a box.
"""

import hashlib
import logging
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from screening import tone
from screening.tone import Tone

logger = logging.getLogger(__name__)

SENTENCES: Final[dict[Tone, str | Promise]] = {
    Tone.PROFANITY: _("A word here may be read as swearing."),
    Tone.DISCRIMINATION: _("A word here may be read as discrimination."),
}
AGAIN: Final = _("Change it, or send it again as it is: then it is posted.")


def hints(*texts: str) -> list[str]:
    """Return the sentences about these texts; none when nothing was found, or when the list of words is missing."""
    try:
        found = tone.find("\n".join(texts))
    except tone.WordsMissing as missing:
        logger.warning("no list of words for hints: %s", missing)
        return []
    return [str(SENTENCES[one]) for one in found]


class HintedForm(forms.Form):
    """A form whose texts get a hint, once."""

    hinted = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Show the hint at the first sending of these words."""
        cleaned = super().clean() or {}
        before = cleaned.pop("hinted", "")
        if self.data.get("delete"):  # what is deleted is not posted
            return cleaned
        typed = [name for name, field in self.fields.items() if not field.widget.is_hidden]  # a quotation is another's
        texts = {name: cleaned[name] for name in typed if isinstance(cleaned.get(name), str) and cleaned[name]}
        said = hints(*texts.values())
        if not said:
            return cleaned
        mark = hashlib.sha256("\n".join(texts.values()).encode()).hexdigest()
        if before != mark:
            where = next(name for name in texts if hints(texts[name])) if len(texts) > 1 else next(iter(texts))
            self.add_error(where, " ".join([*said, str(AGAIN)]))
            self._remember(mark)
        return cleaned

    def _remember(self, mark: str) -> None:
        data = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        if not isinstance(self.data, QueryDict):
            data.update(self.data)
        data[self.add_prefix("hinted")] = mark
        self.data = data
