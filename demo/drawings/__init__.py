"""Drawn pictures for the demo community: simulated skin, dermoscopy and histology, no patient."""
