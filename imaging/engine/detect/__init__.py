"""Finding what must be hidden: faces, eyes, text. Everything here runs inside the sandbox."""
