"""The sensitive class: pictures of children, intimate or gruesome ones, shown to whoever asks and needs to see them."""
