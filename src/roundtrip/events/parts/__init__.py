"""Categories of a site; policies and the schedule of an event."""
