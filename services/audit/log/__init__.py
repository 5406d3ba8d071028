"""The log as staff read it: entries, each with what opens its leaf in the tree."""
