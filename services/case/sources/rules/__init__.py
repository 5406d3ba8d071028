"""Rules of sources: schedules, states, faults and questions; no database, no clock, no network."""
