"""URLs of following and of saved searches."""

from django.urls import path

from consults.following import views

urlpatterns = [
    path("following/", views.following, name="following"),
    path("following/topics/", views.choose_topics, name="choose_topics"),
    path("cases/<uuid:pk>/follow/", views.follow_case, name="follow_case"),
    path("groups/<uuid:pk>/follow/", views.follow_group, name="follow_group"),
    path("searches/", views.saved_searches, name="searches"),
    path("searches/save/", views.save_search, name="save_search"),
    path("searches/<uuid:pk>/", views.change_search, name="change_search"),
]
