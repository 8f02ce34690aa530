"""The yearly light check: the member confirms what has not changed, one moderator looks the number up."""
