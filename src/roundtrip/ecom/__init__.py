"""What a site sells, and how it is bought."""
