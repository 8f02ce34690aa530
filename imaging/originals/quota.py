"""How many bytes of pictures that nobody has covered yet one member may have here.

Threat: one member fills the disk, and the worker's queue, while purges and everybody else wait.
"""

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import Member
from imaging import engine
from imaging.models import Photo, Upload
from imaging.originals.store import STATES_WITH_ORIGINAL


def unsealed_bytes(owner: Member) -> int:
    """Return the bytes of the member's originals, and of uploads on their way."""
    photos = Photo.objects.filter(owner=owner, state__in=STATES_WITH_ORIGINAL).aggregate(size=Sum("original_bytes"))
    uploads = Upload.objects.filter(owner=owner).aggregate(size=Sum("size"))
    return (photos["size"] or 0) + (uploads["size"] or 0)


def require_room(*, owner: Member, size: int) -> None:
    """Require that one more file of `size` bytes has room. Raises engine.Refused with the next step."""
    most: int = settings.RULES["unsealed_bytes"]
    if unsealed_bytes(owner) + size > most:
        raise engine.Refused(
            "no_room",
            _(
                "%(size)d MB of your pictures wait to be covered and sealed, which is the most there is room for. "
                "Confirm or remove some of them, then add this one."
            )
            % {"size": most // 1024**2},
        )
