"""What else somebody may like who looks at a product."""
