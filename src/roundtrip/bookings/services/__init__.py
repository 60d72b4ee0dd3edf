"""What can be booked: appointments, classes and courses."""
