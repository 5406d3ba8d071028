"""Key learnings in words: written by a statistician, shown once another person approved them."""
