"""Sentences for people stand in the engine once, in English; whoever shows them may translate them."""

from __future__ import annotations


def gettext_noop(message: str) -> str:
    """The sentence as it is: the name is what tools that collect translatable strings look for."""
    return message


_ = gettext_noop


ADVICE = {
    "small": _("The picture is small. Send the original photograph, not a copy from a messenger."),
    "blurred": _("The picture seems out of focus. Step back 20 cm and tap the lesion to focus."),
    "dark": _("The picture is dark. Move to a window or add light from the side."),
    "bright": _("Parts of the picture are burnt out. Turn the flash off or step back."),
    "colour_cast": _("The colours lean to one side. Use daylight, without coloured walls or lamps nearby."),
    "screen": _("This seems to be a photograph of a screen. Send the original file, or photograph the skin itself."),
    "compressed": _("The picture is heavily compressed. Send the original file, not a copy from a messenger."),
    "colour_profile_unreadable": _("The colour profile could not be read, so colours may be slightly off."),
}
"""Sentence for people for each warning about a picture, with what to do."""
