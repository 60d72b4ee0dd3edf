"""What services are put together from: categories, locations, staff members and policies."""
