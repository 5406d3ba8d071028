"""Goals: what a survivor wants to reach, in their own words; how far it is, in their own view; how it ended."""
