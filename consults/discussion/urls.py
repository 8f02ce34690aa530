"""URLs of closing a case, and of its thread."""

from django.urls import path

from consults.discussion import thread_views, views

urlpatterns = [
    path("cases/<uuid:pk>/close/", views.close_case, name="close"),
    path("cases/<uuid:pk>/people/", thread_views.people, name="people"),
    path("cases/<uuid:pk>/thread/", thread_views.news, name="thread_news"),
    path("comments/<uuid:pk>/react/", thread_views.react, name="react"),
    path("comments/<uuid:pk>/reactions/", thread_views.reactions, name="reactions"),
    path("me/role/", thread_views.role, name="my_role"),
]
