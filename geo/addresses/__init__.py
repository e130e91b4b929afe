"""Vietnamese addresses (địa chỉ) as people write them: their words, their parts, and the search among a million of them."""
