"""Lookup of coded diagnoses, and of tags, for type-ahead fields. The same for everybody: it knows of no case."""

from django.http import HttpRequest, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from vocabulary import diagnoses as vocabulary
from vocabulary import tags as tag_list

MAX_MATCHES = 10


@require_safe
def diagnoses(request: HttpRequest) -> JsonResponse:
    """Return the diagnoses that match `?q=` as [{code, label, note}], best first; none when it is empty."""
    vocabulary.read_added()  # another process may have added one
    matches = vocabulary.search(request.GET.get("q", ""), limit=MAX_MATCHES, language=get_language() or "en")
    return JsonResponse([{"code": m.code, "label": m.label, "note": m.note} for m in matches], safe=False)


@require_safe
def tags(request: HttpRequest) -> JsonResponse:
    """Return tags, morphologies and diagnoses that match `?q=`, each with a code of facet and value, best first."""
    found = tag_list.search(request.GET.get("q", ""), limit=MAX_MATCHES, language=get_language() or "en")
    return JsonResponse([{"code": tag.code, "label": tag.label, "note": tag.note} for tag in found], safe=False)
