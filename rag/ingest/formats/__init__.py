"""One reader a format, and what they share."""
