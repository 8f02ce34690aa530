"""The owner's review of a picture: checklist, edits of masks, confirmation."""
