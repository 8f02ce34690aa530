"""The thread of comments: its marks, whom one addresses, reactions."""
