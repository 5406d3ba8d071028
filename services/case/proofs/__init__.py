"""What case answers when a permission ended: that nothing goes out under it."""
