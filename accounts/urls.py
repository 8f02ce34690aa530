"""URLs of applications, vetting, members and a member's own page."""

from django.urls import path

from accounts.appointments import views as appointing
from accounts.membership import views as membership
from accounts.membership.supervision import views as supervision
from accounts.membership.suspension import views as suspension
from accounts.membership.yearly import views as yearly
from accounts.profiles import views as profiles
from accounts.vetting.views import applying, changing, deciding, vouching

app_name = "accounts"
urlpatterns = [
    path("join/", applying.apply, name="apply"),
    path("join/received/", applying.applied, name="applied"),
    path("join/finish/<str:token>/", applying.finish, name="finish"),
    path("join/confirm/<str:token>/", applying.confirm, name="confirm"),
    path("me/", profiles.me, name="me"),
    path("me/application/", applying.application, name="application"),
    path("me/application/again/", applying.apply_again, name="apply_again"),
    path("me/application/link/", applying.send_link, name="send_link"),
    path("me/application/picture/", applying.send_picture, name="send_picture"),
    path("me/application/<uuid:pk>/appeal/", applying.appeal, name="appeal"),
    path("me/questions/<uuid:pk>/", vouching.vouch, name="vouch"),
    path("applications/", deciding.queue, name="queue"),
    path("applications/<uuid:pk>/", deciding.decide, name="decide"),
    path("applications/<uuid:pk>/step-aside/", deciding.recuse, name="recuse"),
    path("applications/evidence/<uuid:pk>/", deciding.picture, name="evidence"),
    path("people/", appointing.people, name="people"),
    path("people/<uuid:pk>/", appointing.decide, name="appointment"),
    path("me/membership/", membership.membership, name="membership"),
    path("me/membership/confirm/", yearly.confirm_year, name="confirm_year"),
    path("me/membership/change/", changing.change, name="change"),
    path("me/supervisor/", supervision.ask_supervisor, name="ask_supervisor"),
    path("me/supervisor/<uuid:pk>/take-back/", supervision.cancel_question, name="cancel_question"),
    path("me/supervision/<uuid:pk>/", supervision.answer_question, name="answer_question"),
    path("me/residents/<uuid:pk>/step-back/", supervision.step_back, name="step_back"),
    path("checks/", yearly.checks, name="checks"),
    path("checks/<uuid:pk>/", yearly.check, name="check"),
    path("suspended/<str:token>/", suspension.suspension, name="suspension"),
    path("members/", suspension.members, name="members"),
    path("members/<uuid:pk>/standing/", suspension.member_standing, name="standing"),
]
