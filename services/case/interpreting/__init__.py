"""What somebody needs of an interpreter, who never interprets for them, and whom an advocate books by these rules."""
