"""A plan and the end of support are approved by somebody else than whoever asks for it, or sent back with words."""
