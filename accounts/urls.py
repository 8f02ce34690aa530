"""URLs of applications, vetting, members and a member's own page."""

from django.urls import path

from accounts.appointments import views as appointing
from accounts.leaving import views as leaving
from accounts.membership import views as membership
from accounts.profiles import views as profiles
from accounts.security import address_pages, session_pages
from accounts.vetting.views import applying, deciding, vouching

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
    path("me/sessions/", session_pages.show, name="sessions"),
    path("me/sessions/end/", session_pages.end, name="end_session"),
    path("me/address/", address_pages.change, name="address"),
    path("me/address/stop/", address_pages.stop, name="stop_address"),
    path("address/<str:token>/", address_pages.answer, name="confirm_address"),
    path("me/data/", leaving.my_data, name="my_data"),
    path("me/data/file/", leaving.data_file, name="data_file"),
    path("me/data/delete/", leaving.delete_data, name="delete_data"),
    path("me/leave/", leaving.leave, name="leave"),
    path("me/leave/stop/", leaving.stay, name="stay"),
    path("applications/", deciding.queue, name="queue"),
    path("applications/<uuid:pk>/", deciding.decide, name="decide"),
    path("applications/<uuid:pk>/step-aside/", deciding.recuse, name="recuse"),
    path("applications/evidence/<uuid:pk>/", deciding.picture, name="evidence"),
    path("people/", appointing.people, name="people"),
    path("people/<uuid:pk>/", appointing.decide, name="appointment"),
    path("members/", membership.members, name="members"),
    path("members/<uuid:pk>/standing/", membership.member_standing, name="standing"),
]
