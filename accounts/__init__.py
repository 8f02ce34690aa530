"""Who: members, their applications and how two moderators decide them."""
