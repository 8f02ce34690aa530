"""Warnings about pictures that a colleague could not judge well."""
