"""The history: who looked at a record and who changed what, newest first, for the people who answer for the data."""
