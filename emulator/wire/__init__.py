"""The wire layer: where HTTP becomes a call and back."""
