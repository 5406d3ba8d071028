"""Whether children depend on somebody: asked again and again, answered in codes, and never a record of a child."""
