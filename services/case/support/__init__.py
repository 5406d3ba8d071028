"""Where casework begins: an advocate's own people, and one screen for one person."""
