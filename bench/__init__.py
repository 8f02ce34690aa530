"""One script a figure; each prints it beside a peer measured in the same run."""
