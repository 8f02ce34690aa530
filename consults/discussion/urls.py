"""URLs of an own case's outcome."""

from django.urls import path

from consults.discussion import views

urlpatterns = [
    path("cases/<uuid:pk>/close/", views.close_case, name="close"),
    path("cases/<uuid:pk>/no-outcome/", views.close_unresolved, name="close_unresolved"),
    path("cases/<uuid:pk>/correct/", views.correct, name="correct"),
    path("cases/<uuid:pk>/summary/", views.summary, name="summary"),
]
