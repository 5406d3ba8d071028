"""What leaves for the public internet: which addresses may be reached, and how a checked one is dialled."""
