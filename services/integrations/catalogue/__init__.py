"""The catalogue: which events there are, and the JSON Schema of each."""
