"""Refusals about movies, screens, seats and shows."""

from ticketing.domain.errors import Conflict, Invalid, NotFound


class MovieNotFound(NotFound):
    code = "movie_not_found"
    default = "There is no such movie."


class ScreenNotFound(NotFound):
    code = "screen_not_found"
    default = "There is no such screen."


class PlanNotFound(NotFound):
    code = "plan_not_found"
    default = "There is no such seat plan."


class SectionNotFound(NotFound):
    code = "section_not_found"
    default = "The seat plan has no such section."


class ShowNotFound(NotFound):
    code = "show_not_found"
    default = "There is no such show."


class ScreenNameTaken(Conflict):
    code = "screen_name_taken"
    default = "Another screen has this name."


class ScreenRetired(Conflict):
    code = "screen_retired"
    default = "This screen is retired: it gets no new shows."


class ShowHasBookings(Conflict):
    code = "show_has_bookings"
    default = "A show with bookings cannot be deleted or rescheduled."


class ShowOverlaps(Conflict):
    code = "show_overlaps"
    default = "The screen has another show, or is being cleaned, at that time."


class ShowCancelled(Conflict):
    code = "show_cancelled"
    default = "This show was cancelled."


class UnknownSeat(Invalid):
    code = "unknown_seat"
    field = "seats"


class SeatNamedTwice(Invalid):
    code = "seat_named_twice"
    field = "seats"
