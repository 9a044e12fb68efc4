"""What finds passages by vector and by words: on this machine, or on a server."""
