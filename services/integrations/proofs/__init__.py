"""What integrations answers when a permission ended: that the yes is served to nobody any more."""
