"""URLs of groups. The page of one group shows its cases, and is in `consults.browse`."""

from django.urls import path

from consults.groups import administering, moderating, views

urlpatterns = [
    path("groups/", views.groups, name="groups"),
    path("groups/new/", views.propose, name="group_new"),
    path("groups/proposals/<uuid:pk>/", views.proposal, name="group_proposal"),
    path("groups/admissions/<uuid:pk>/", views.admission, name="group_admission"),
    path("groups/manage/", administering.groups, name="managed_groups"),
    path("groups/manage/<uuid:pk>/", administering.group, name="managed_group"),
    path("groups/<uuid:pk>/join/", views.join, name="group_join"),
    path("groups/<uuid:pk>/leave/", views.leave, name="group_leave"),
    path("groups/<uuid:pk>/step-back/", views.step_back, name="group_step_back"),
    path("groups/<uuid:pk>/members/", moderating.members, name="group_members"),
    path("groups/<uuid:pk>/members/<uuid:member>/", moderating.member, name="group_member"),
    path("groups/<uuid:pk>/change/", moderating.change, name="group_change"),
    path("groups/<uuid:pk>/end/", moderating.end, name="group_end"),
]
