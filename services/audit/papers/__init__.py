"""The paper "Who saw my record, and why", which is made for a survivor, and what may be left out of it for a time."""
