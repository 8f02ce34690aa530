"""The sensitive class on the case page: what is said in place of the pictures, and who may ask for them."""

from collections.abc import Collection
from typing import Any

from consults.cases.models import Case
from consults.cases.presenters import ViewerPicture
from consults.cases.sensitive.forms import MarkForm
from vocabulary.terms import Sensitive


def labels(case: Case) -> list[str]:
    """Return the classes of a case in words."""
    return [str(Sensitive(code).label) for code in case.sensitive if code in Sensitive.values]


def context(case: Case, *, pictures: Collection[ViewerPicture], may: Collection[str]) -> dict[str, Any]:
    """Return what the case page needs: the classes, whether the pictures are closed, the form that marks. No query."""
    return {
        "sensitive": labels(case),
        "is_asked_first": bool(case.sensitive) and not pictures,
        "may_ask_to_see": "case.ask_to_see" in may,
        "mark_form": MarkForm() if "case.mark_sensitive" in may and len(case.sensitive) < len(Sensitive) else None,
    }
