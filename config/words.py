"""The words that scripts say, by script; `{name}` is filled in by the browser."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, dict[str, str | Promise]] = {
    "upload": {
        "waiting": _("Waiting"),
        "sending": _("Sending"),
        "working": _("Received. Working on it …"),
        "done": _("Received"),
        "lost": _("Connection lost. Trying again in {seconds} s."),
        "gave_up": _("Connection lost."),
        "too_large": _("This file is larger than {limit} MB. Choose a smaller one."),
        "not_picture": _(
            "This is not a picture. Choose a JPEG, PNG, WebP or HEIC file."
        ),
        "refused": _("This file was refused. Choose another one."),
        "signed_out": _("You are signed out. Sign in again, then retry."),
        "cancel": _("Cancel"),
        "retry": _("Retry"),
        "remove": _("Remove from the list"),
        "pasted": _("Pasted picture"),
        "cancelled": _("Cancelled"),
        "announce_added": _("{count} pictures added."),
        "announce_done": _("{name}: received."),
        "announce_refused": _("{name}: {reason}"),
    },
    "studio": {
        "face": _("Face"),
        "eye": _("Eyes"),
        "text": _("Text"),
        "other": _("Other"),
        "box": _("Box"),
        "ellipse": _("Ellipse"),
        "band": _("Band"),
        "bar": _("Solid bar"),
        "veil": _("Soft veil"),
        "suggested": _("Covered"),
        "check": _("Check this"),
        "accepted": _("Covered, confirmed"),
        "dismissed": _("Not covered"),
        "drawn": _("Drawn by hand"),
        "found": _("Found by {detector}, {score} % sure"),
        "found_plain": _("Found automatically"),
        "by_hand": _("Drawn by hand, covered"),
        "why_not": _("Not covered: {reason}"),
        "accept": _("Cover it"),
        "accept_done": _("Confirm"),
        "dismiss": _("Do not cover"),
        "not_eye": _("Not an eye …"),
        "remove": _("Remove"),
        "restore": _("Cover again"),
        "style": _("Look"),
        "kind": _("What it hides"),
        "select": _("Select {kind} {number}"),
        "saved": _("Saved"),
        "saving": _("Saving …"),
        "unsaved": _("Not saved yet"),
        "failed": _("Not saved. Trying again …"),
        "stale": _("This picture was changed in another window. Reload to see it."),
        "reload": _("Reload"),
        "refused": _("This could not be saved."),
        "signed_out": _(
            "You are signed out. Sign in again in another tab, then retry."
        ),
        "retry": _("Retry"),
        "added": _(
            "{shape} added. Move it with the arrow keys, resize with Shift and arrows."
        ),
        "removed": _("{kind} removed."),
        "dismissed_said": _("{kind} will not be covered."),
        "accepted_said": _("{kind} will be covered."),
        "moved": _(
            "{kind}: {left} % from the left, {top} % from the top, {width} % wide, {height} % high."
        ),
        "turned": _("{kind}: turned to {angle} degrees."),
        "selected": _("{kind} {number} selected."),
        "undone": _("Undone."),
        "redone": _("Done again."),
        "zoomed": _("Zoom {percent} %"),
        "none": _(
            "Nothing was found and nothing is covered. Look closely and add what identifies the person."
        ),
        "to_check": _("{count} to check"),
        "picture_failed": _("The picture could not be loaded. Reload the page."),
        "result_failed": _("The result could not be shown. Try again in a moment."),
        "draw": _("Drag over the picture to cover a part, or tap once."),
        "result_alt": _("The picture as colleagues will see it"),
    },
    "viewer": {
        "failed": _("The picture could not be loaded. Reload the page."),
        "shown": _("{label}, picture {number} of {count}"),
        "zoomed": _("Zoom {percent} %"),
        "side_on": _("Side by side"),
        "side_off": _("One picture"),
    },
    "typeahead": {
        "list": _("Matches"),
        "none": _("No match. Try another word or a synonym."),
        "lost": _("The list could not be loaded. Type again to retry."),
        "count": _("{count} matches. Use the arrow keys."),
        "chosen": _("{label} chosen."),
        "choose": _("Choose one from the list."),
    },
    "signature": {
        "empty": _("Please sign first."),
        "cleared": _("Signature cleared."),
    },
    "autosave": {
        "saving": _("Saving …"),
        "saved": _("Saved {time}"),
        "unsaved": _("Not saved yet"),
        "failed": _("Not saved. Trying again …"),
        "refused": _("Not saved. Reload the page and try again."),
        "signed_out": _(
            "You are signed out. Sign in again in another tab; what you typed stays here."
        ),
        "look": _("{count} fields need another look."),
    },
    "copy": {
        "copied": _("Copied"),
        "failed": _("Could not copy. Select the code and copy it by hand."),
    },
}
