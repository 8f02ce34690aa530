"""Follow-ups: pictures added to a published case, in the order of time, compared with the earlier ones."""
