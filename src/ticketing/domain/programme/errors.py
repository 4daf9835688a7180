"""Refusals about movies, screens, seats and shows."""

from ticketing.domain.errors import Conflict, Invalid, NotFound


class MovieNotFound(NotFound):
    code = "movie_not_found"
    default = "There is no such movie."


class ScreenNotFound(NotFound):
    code = "screen_not_found"
    default = "There is no such screen."


class ShowNotFound(NotFound):
    code = "show_not_found"
    default = "There is no such show."


class ScreenNameTaken(Conflict):
    code = "screen_name_taken"
    default = "There is a screen of this name already."


class ShowHasBookings(Conflict):
    code = "show_has_bookings"
    default = "What has bookings can neither be deleted nor moved."


class ShowOverlaps(Conflict):
    code = "show_overlaps"
    default = "Another show is on this screen at that time, or it is being cleaned."


class ShowCancelled(Conflict):
    code = "show_cancelled"
    default = "This show was cancelled."


class UnknownSeat(Invalid):
    code = "unknown_seat"
    field = "seats"


class SeatNamedTwice(Invalid):
    code = "seat_named_twice"
    field = "seats"
