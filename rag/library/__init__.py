"""A folder of articles kept in step with its index."""
