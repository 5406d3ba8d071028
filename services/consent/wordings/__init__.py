"""The wordings: words that may be read out for a purpose, and everybody whose imported yes waits for some."""
