"""The coded diagnoses, for type-ahead fields."""

from django.http import HttpRequest, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from vocabulary import diagnoses as vocabulary

SHOWN = 10


@require_safe
def diagnoses(request: HttpRequest) -> JsonResponse:
    """`?q=` -> [{code, label, note}], best first, at most SHOWN; empty for an empty query."""
    matches = vocabulary.search(request.GET.get("q", ""), limit=SHOWN, language=get_language() or "en")
    return JsonResponse([{"code": m.code, "label": m.label, "note": m.note} for m in matches], safe=False)
