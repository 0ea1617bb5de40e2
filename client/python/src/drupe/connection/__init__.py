"""The connection to a server: frames, messages, and the two ways to wait for them."""
