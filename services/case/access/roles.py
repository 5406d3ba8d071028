"""Who collects and reads a copy, and who is the second reader of what is left out of it.

The data protection officer alone reads a copy. Most hosts have one officer, so that a safeguarding lead may be the
second reader: they see the things that are to be left out, and nothing else of it. An advocate or a supervisor sees
none: a copy tells also who else supports somebody, and what they complained of.
"""

COLLECTS = "HOST_DPO"
SECOND = (COLLECTS, "SAFEGUARDING_LEAD")
