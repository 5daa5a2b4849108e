"""Reference tables: sectors, crosswalk, regions, stages, rounds, services, facilities, kinds of institution."""
