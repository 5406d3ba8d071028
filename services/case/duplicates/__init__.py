"""Two records that may be one person: a supervisor looks, and nobody is merged by itself."""
