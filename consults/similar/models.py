"""What the words of a listing mean, as numbers."""

from django.db import models

from consults.cases.gate.models import Listing


class ListingVector(models.Model):
    """The words of the author (title, note), in any language, as 384 numbers of a byte each.

    Threat: a text can be guessed from such numbers in part. They are kept like the words: they go with the listing.
    """

    listing = models.OneToOneField(Listing, on_delete=models.CASCADE, primary_key=True, related_name="vector")
    data = models.BinaryField(max_length=384)

    def __str__(self) -> str:
        return f"vector of listing {self.listing_id}"
