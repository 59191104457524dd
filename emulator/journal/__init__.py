"""What a cloud was asked, answered and did: kept, read, asserted on, told as a story."""
