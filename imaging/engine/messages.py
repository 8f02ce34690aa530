"""Sentences for people: one per refusal and per warning, in English.

Pages translate them (`imaging.wording`), the command line prints them as they are.
"""

# ruff: noqa: E501 - one sentence, one line

from __future__ import annotations

from collections.abc import Iterable


def gettext_noop(message: str) -> str:
    """Return the sentence unchanged; `makemessages` collects translatable strings by this name."""
    return message


_ = gettext_noop


ADVICE = {
    "small": _("The picture is small. Send the original photograph, not a copy from a messenger."),
    "blurred": _("The picture seems out of focus. Step back 20 cm and tap the lesion to focus."),
    "blurred_instrument": _("The picture seems out of focus. Focus the instrument again and take another one."),
    "dark": _("The picture is dark. Move to a window or add light from the side."),
    "bright": _("Parts of the picture are burnt out. Turn the flash off or step back."),
    "colour_cast": _("The colours lean to one side. Use daylight, without coloured walls or lamps nearby."),
    "screen": _("This seems to be a photograph of a screen. Send the original file, or photograph the skin itself."),
    "compressed": _("The picture is heavily compressed. Send the original file, not a copy from a messenger."),
    "damaged": _(
        "Part of this picture is damaged and shows something wrong. Do not judge by it; get the original file."
    ),
    "colour_profile_unreadable": _("The colour profile could not be read, so colours may be slightly off."),
}
"""Code of a warning about a picture (`Inspection.warnings`): the sentence, with what to do."""
THROUGH_INSTRUMENT = {"blurred": "blurred_instrument", "dark": "", "bright": "", "colour_cast": ""}
"""What is said in place of a warning about dermoscopy and histology; "" for advice that cannot be followed there."""


def advice_for(codes: Iterable[str], *, instrument: bool) -> list[str]:
    """Return the codes of warnings that apply to a picture taken through a dermatoscope or a microscope, or to another."""
    back = {there: here for here, there in THROUGH_INSTRUMENT.items() if there}
    ways = THROUGH_INSTRUMENT if instrument else back
    return [code for code in (ways.get(code, code) for code in codes) if code]


SENTENCES = {
    "empty": _("The file is empty. Choose the picture again; the copy may have been cut short."),
    "too_large_file": _("The file is larger than 40 MB. Export it as a JPEG of normal quality and try again."),
    "too_large": _(
        "The picture has more than 80 megapixels or a side over 20,000 pixels. Save a smaller copy and try again."
    ),
    "too_small": _(
        "The picture is smaller than 800 × 600 pixels. Send the original photograph, not a screenshot or a copy from a messenger."
    ),
    "unknown_format": _("This is not a kind of picture that can be read here. Save it as JPEG or PNG and try again."),
    "svg": _("Drawings (SVG) are not accepted because they can carry programs. Save it as PNG and try again."),
    "pdf": _("This is a PDF, not a picture. Export the page as JPEG or PNG and try again."),
    "postscript": _("This is a PostScript file, not a picture. Save it as JPEG or PNG and try again."),
    "video": _("This is a video, not a picture. Take a still photograph or save one frame as JPEG."),
    "animated": _("The picture is animated. Save the one frame that matters as JPEG or PNG and try again."),
    "multi_page": _(
        "The file holds several pictures. Save the one that matters by itself as JPEG or PNG and try again."
    ),
    "no_such_frame": _("The file does not hold as many pictures. Choose a lower number."),
    "too_many_frames": _(
        "The file holds more than 500 pictures. Save those that matter by themselves as JPEG or PNG and try again."
    ),
    "slide": _(
        "This is a scanned slide in many sizes or tiles. Save the part that matters as JPEG or PNG and try again."
    ),
    "raw": _("This is a camera's raw file, not yet a picture. Export it as JPEG and try again."),
    "bit_depth": _(
        "This kind of colour depth cannot be read safely. Save the picture as an ordinary 8-bit JPEG or PNG."
    ),
    "tiff_unsupported": _(
        "This kind of TIFF cannot be read here. Open it in a picture program and save it as PNG or JPEG."
    ),
    "too_many_scans": _(
        "The JPEG is built in an unusual way (too many scans). Open it in a picture program and save it anew."
    ),
    "profile_too_large": _(
        "The colour profile in the file is larger than 1 MB. Save the picture in sRGB and try again."
    ),
    "text_too_large": _(
        "The file carries an unusual amount of packed text. Open it in a picture program and save it anew."
    ),
    "broken": _("The picture is damaged or incomplete and cannot be read. Send it again from the camera or phone."),
    "damaged": _(
        "Part of this picture is damaged: it would come out grey, shifted or wrong. Send it again from the camera or phone."
    ),
    "decoder_died": _(
        "The picture could not be read: the program reading it stopped. Open it in a picture program, save it as JPEG and try again."
    ),
    "too_complex": _(
        "Reading the picture took too long or too much memory. Save a smaller copy as JPEG and try again."
    ),
    "detector_failed": _(
        "Looking for faces and eyes failed, so the picture cannot be used. Try again; if it stays so, tell the people who run this site."
    ),
    "not_clean": _(
        "The cleaned picture did not pass its check, so it was thrown away. Save the picture as JPEG and try again."
    ),
    "bad_mask": _("A mask or the crop is outside the picture or not a number. Draw it again."),
    "bad_window": _("A lesion window is too large or lies over an eye. Make it smaller or move it."),
    "dicom_unsupported": _(
        "This DICOM file is not a single photograph that can be read here. Export the picture as JPEG or PNG."
    ),
}
"""Code of a refusal (`Refused.code`): the sentence, with what to do."""
