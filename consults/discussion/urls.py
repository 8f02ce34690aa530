"""URLs of an own case's outcome, of its thread, and of terms that members propose."""

from django.urls import path

from consults.discussion import views
from consults.discussion.terms import views as terms
from consults.discussion.thread import views as thread

urlpatterns = [
    path("cases/<uuid:pk>/close/", views.close_case, name="close"),
    path("cases/<uuid:pk>/no-outcome/", views.close_unresolved, name="close_unresolved"),
    path("cases/<uuid:pk>/correct/", views.correct, name="correct"),
    path("cases/<uuid:pk>/summary/", views.summary, name="summary"),
    path("cases/<uuid:pk>/people/", thread.people, name="people"),
    path("cases/<uuid:pk>/thread/", thread.news, name="thread_news"),
    path("comments/<uuid:pk>/react/", thread.react, name="react"),
    path("comments/<uuid:pk>/reactions/", thread.reactions, name="reactions"),
    path("me/role/", thread.role, name="my_role"),
    path("moderation/terms/", terms.proposed_terms, name="proposed_terms"),
    path("moderation/terms/<uuid:pk>/", terms.proposed_term, name="proposed_term"),
]
