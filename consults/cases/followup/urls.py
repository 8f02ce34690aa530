"""URLs of follow-ups."""

from django.urls import path

from consults.cases.followup import views

urlpatterns = [path("cases/<uuid:pk>/follow-up/", views.add_followup, name="add_followup")]
