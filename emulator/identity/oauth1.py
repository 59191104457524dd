"""OAuth1: consumers that users let act for them."""
