"""Training of the weights that the product uses. No part of the product."""
