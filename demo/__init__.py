"""The demo community: drawn pictures, invented cases, and the members who discuss them."""
