"""The consent audit pages: published posts joined with what patients allowed. No pictures, no names."""
