"""What mappings are and how one is proposed; no database, no clock."""
