"""The host's interpreters: who they are, what they speak, and to whom they are tied."""
