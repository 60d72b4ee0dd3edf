"""What `make demo` runs: a server with a seeded site, and the demo site beside it on another origin."""
