"""URLs of consults, by topic. Every id in them is random."""

from django.urls import include, path

from consults.browse.urls import urlpatterns as browse
from consults.cases.authoring.urls import urlpatterns as authoring
from consults.cases.consenting.urls import urlpatterns as consenting
from consults.cases.followup.urls import urlpatterns as followup
from consults.cases.media import picture
from consults.cases.review.urls import urlpatterns as review
from consults.cases.sensitive.urls import urlpatterns as sensitive
from consults.discussion.urls import urlpatterns as discussion
from consults.following.urls import urlpatterns as following
from consults.groups.rooms.urls import urlpatterns as rooms
from consults.groups.urls import urlpatterns as groups
from consults.moderation.urls import urlpatterns as moderation
from consults.pins.urls import urlpatterns as pins
from consults.similar.urls import urlpatterns as similar
from consults.urgency.urls import urlpatterns as urgency
from consults.withdrawal.urls import urlpatterns as withdrawal

app_name = "consults"
urlpatterns = [
    path("m/<uuid:pk>/", picture, name="picture"),
    path("", include(authoring)),
    path("", include(followup)),
    path("", include(sensitive)),
    path("", include(consenting)),
    path("", include(review)),
    path("", include(browse)),
    path("", include(discussion)),
    path("", include(withdrawal)),
    path("", include(moderation)),
    path("", include(groups)),
    path("", include(urgency)),
    path("", include(following)),
    path("", include(similar)),
    path("", include(pins)),
    path("", include(rooms)),
]
