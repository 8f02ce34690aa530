"""The consent audit pages: published cases beside what patients allowed. No pictures, no names."""
