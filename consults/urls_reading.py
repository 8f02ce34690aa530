"""Addresses of reading: the cases page, the case page, second reads, the vocabulary."""

from django.urls import path

from consults.views import bookmarks, case, feed, redactions, review, vocabulary

urlpatterns = [
    path("cases/", feed.cases, name="cases"),
    path("cases/saved/", bookmarks.saved, name="saved"),
    path("cases/<uuid:pk>/", case.case, name="case"),
    path("cases/<uuid:pk>/save/", bookmarks.save, name="save"),
    path("cases/<uuid:pk>/answer/", case.answer, name="answer"),
    path("cases/<uuid:pk>/read-only/", case.read_only, name="read_only"),
    path("cases/<uuid:pk>/revise/", case.revise, name="revise"),
    path("cases/<uuid:pk>/comment/", case.comment, name="comment"),
    path("cases/<uuid:pk>/close/", case.close_case, name="close"),
    path("cases/<uuid:pk>/withdraw/", case.withdraw_case, name="withdraw_case"),
    path("second-reads/", review.second_reads, name="second_reads"),
    path("second-reads/<uuid:pk>/", review.second_read, name="second_read"),
    path("redactions/", redactions.redactions, name="redactions"),
    path("redactions/<uuid:pk>/", redactions.decide_redaction, name="decide_redaction"),
    path("vocabulary/diagnoses/", vocabulary.diagnoses, name="diagnoses"),
]
