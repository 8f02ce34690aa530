"""Push: word to a member's browser that there is news, carried by the browser's vendor, without any content."""
