"""Texts to vectors, and passages to the words that answer."""
