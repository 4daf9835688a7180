"""A cinema to play with: its films, rooms, timetable, accounts, and seats that are sold already."""
