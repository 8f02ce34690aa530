"""Benchmarks, one script for each figure, measured in the same run as the tool it is compared with."""
