"""URLs of urgency, the rota and the waiting times."""

from django.urls import path

from consults.urgency import views

urlpatterns = [
    path("cases/<uuid:pk>/urgency/", views.urgency, name="urgency"),
    path("cases/<uuid:pk>/urgency/end/", views.end_urgency, name="end_urgency"),
    path("cases/waiting/", views.waiting_times, name="waiting_times"),
    path("me/rota/", views.rota_page, name="rota"),
]
