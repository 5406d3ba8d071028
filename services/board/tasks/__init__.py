"""Tasks: what is counted, by whom and until when; proposed, opened, closed, summed, ended."""
