"""Membership: the member, suspension, reinstatement and lapse."""
