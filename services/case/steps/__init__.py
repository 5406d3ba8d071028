"""Steps: what is to be done for a survivor, by which day, who does it; reviews on the rhythm that they agreed."""
