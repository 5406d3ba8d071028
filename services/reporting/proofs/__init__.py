"""What reporting answers when somebody no longer wants to be counted."""
