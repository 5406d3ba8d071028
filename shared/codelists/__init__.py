"""Code lists, nation policy, nationalities and statistics plans, as versioned data with dates and sources."""
