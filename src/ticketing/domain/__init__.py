"""The box office.

A *movie* is shown on a *screen* at a time: that is a *show*. A show sells *seats*, which its
*seat plan* numbers and labels. What one customer buys at once is a *booking*; it stands until
it is *cancelled*. Only seats that are locked may be sold, so a seat is never sold twice.

An *account* is somebody who can log in: a customer, the cinema's staff or an admin. Logging in
opens a *session*, which every token of it names and which may be *revoked*. A *throttle* counts
attempts, so that nobody guesses for long. Who forgot the password gets a *reset token* by a
*notification*, which is a mail. What the staff does is kept in the *audit trail*.

The *timetable* has one show at a time on a screen, and time for *cleaning* after each. A *seat
limit* is how many seats an account may have for one show.

A request with an *idempotency key* is done once, and answered alike as often as it is sent. A
*rehearsal* is an on-sale that is tried on a *twin* of a show, which stands in no list.

A *unit of work* is one all-or-nothing change of the store. A *service* says what happens in it,
a *port* is what the domain asks of the outside, an *adapter* is what answers.
"""
