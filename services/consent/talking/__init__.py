"""The conversation: a person's purposes on one page, asking step by step, and taking back in two taps."""
