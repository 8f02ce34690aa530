"""Damage that decoders only warn of, or say nothing about: grey, repeated or shifted parts of a picture."""
