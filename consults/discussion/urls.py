"""URLs of closing a case, and of terms that members propose."""

from django.urls import path

from consults.discussion import views
from consults.discussion.terms import views as terms

urlpatterns = [
    path("cases/<uuid:pk>/close/", views.close_case, name="close"),
    path("moderation/terms/", terms.proposed_terms, name="proposed_terms"),
    path("moderation/terms/<uuid:pk>/", terms.proposed_term, name="proposed_term"),
]
