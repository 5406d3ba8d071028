"""Drafts of the conversation: how somebody was going to be asked, kept closed on the server for some days."""
