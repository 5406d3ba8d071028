"""A supervisor's team: how many people each advocate supports, giving people to another, cover for an absence."""
