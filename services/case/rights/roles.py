"""Who takes a rights case down, and who decides it.

An advocate takes down what their own people say, and everybody else whatever reaches them; the data protection officer
alone reads a rights case and decides it, since it may be about anybody else here.
"""

DECIDES = "HOST_DPO"
TAKERS = ("IMSA", "SUPERVISOR", DECIDES, "SAFEGUARDING_LEAD", "HOST_ADMIN")
