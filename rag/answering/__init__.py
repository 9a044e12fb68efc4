"""A question to an Answer: find passages, choose quotes, or refuse."""
