"""Tenants: sites, their OAuth clients, their API keys, and where a client's visitors may be sent."""
