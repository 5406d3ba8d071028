"""Rights cases: what a person asks for under data protection law, by when it is answered, and how it ended."""
