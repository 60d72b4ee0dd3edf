"""What holds for all services of a site: its zone, its currency, its usual hours."""
