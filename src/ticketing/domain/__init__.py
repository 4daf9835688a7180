"""The box office. Its terms, each with one meaning everywhere:

**Programme.** A *movie* is shown on a *screen*. A *show* is one movie on one screen at one time. A
*seat plan* numbers and labels the seats of a screen or a show; it has *sections* of *rows*. A
*block* is a range of neighbours in a row. The *timetable* allows one show at a time on a screen,
and time for *cleaning* after each.

**Sales.** A *booking* is what one customer buys at once: seats of one show. It is active until it
is *cancelled*. A *hold* keeps seats for a customer for a limited time. Only locked seats are sold,
so no seat is sold twice. A *seat limit* is how many seats of a show an account may own. A request
with an *idempotency key* takes effect once; repeats of it get the first response. *Best available*
chooses the seats for a *party*. An *orphan* is a single seat that a choice leaves alone. Customers
of a sold-out show can join its *waiting list* with an *entry*. An *offer* is a hold of seats that
came free, made for an entry.

**Accounts.** An *account* belongs to a customer, a member of the staff or an admin. Logging in
opens a *session*, which every token names and which can be *revoked*. A *throttle* limits attempts,
so that passwords cannot be guessed. A *reset token* lets a user who forgot the password set a new
one. The *audit log* has one entry for each action of the staff.

**Messages.** A *message* waits in the *outbox* until it is sent; then it becomes a *mail*.

**Rehearsal.** A trial on-sale on a *twin* of a show, which no list contains.

**Architecture.** A *service* says what one transaction does. It receives a *unit of work*, the
slice of the store that it may change. A *port* is an interface that the domain needs; an *adapter*
implements it.
"""
