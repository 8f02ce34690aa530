"""URLs of closing a case, of its thread, and of terms that members propose."""

from django.urls import path

from consults.discussion import thread_views, views
from consults.discussion.terms import views as terms

urlpatterns = [
    path("cases/<uuid:pk>/close/", views.close_case, name="close"),
    path("cases/<uuid:pk>/people/", thread_views.people, name="people"),
    path("cases/<uuid:pk>/thread/", thread_views.news, name="thread_news"),
    path("comments/<uuid:pk>/react/", thread_views.react, name="react"),
    path("comments/<uuid:pk>/reactions/", thread_views.reactions, name="reactions"),
    path("me/role/", thread_views.role, name="my_role"),
    path("moderation/terms/", terms.proposed_terms, name="proposed_terms"),
    path("moderation/terms/<uuid:pk>/", terms.proposed_term, name="proposed_term"),
]
