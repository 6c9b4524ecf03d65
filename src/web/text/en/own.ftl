# What somebody has booked, and what can be done with it.
own-title = My appointments
own-none = You have no appointments yet.
own-coming = Coming up
own-past = Past appointments
own-book = Book a new time
own-older = Older appointments
own-newest = Back to the newest
own-show = Show
own-go-on = Go on
own-status-held = Place kept
own-status-booked = Booked
own-status-checked-in = Checked in
own-status-served = Done
own-status-expired = Lapsed
own-status-cancelled = Cancelled
own-status-no-show = Did not come

one-title = Your appointment
one-new = It is booked
one-new-hint = Come to the hall on time, with this code and your ID card.
one-moved = It is moved
one-moved-hint = The new time is below. The old place has been given back.
one-cancelled = It is cancelled
one-cancelled-hint = The place has been given back.
one-held = Not confirmed yet
one-held-hint = The place is kept for a few minutes only. Please fill in the rest and confirm.
one-go-on = Go on
one-code = Code of the appointment
one-code-hint = Show this at the hall
one-qr = QR code of the appointment’s code
one-who = Who is coming
one-address = Address
one-route = Route
one-phone = Telephone
one-call = Call
one-calendar = Add to calendar
one-print = Print
one-move = Move to another time
one-cancel = Cancel the appointment
one-move-all = Move all
one-cancel-all = Cancel all
one-bring = What to bring
one-party = Booked together
one-this = Shown here

moving-title = Move to another time
moving-kept = Your old appointment is kept until the new time is sure.
moving-old = Old time
moving-new = New time
moving-days = Days with a free time: { $hall }
moving-no-day = There is no day to move to in this hall now. Try another hall, or look again later.
moving-calendar = See the calendar
moving-hall = Hall
moving-show-hall = Show this hall
moving-confirm-title = Confirm the move
moving-people = { $count ->
    [one] This is about { $count } person
   *[other] This is about { $count } people
}
moving-confirm = Move the appointment
moving-other-times = Choose another time
moving-keep = Keep the old appointment
moving-unchanged = Your old appointment is unchanged: { $when }.

cancelling-title = Cancel the appointment
cancelling-title-all = Cancel all appointments
cancelling-consequences = If you cancel
cancelling-at-once = The place goes to others at once.
cancelling-no-way-back = There is no way back. To come after all, you would have to book again.
cancelling-times-left = { $count ->
    [0] No other time can be booked in this hall now.
    [one] { $count } other time can be booked in this hall now.
   *[other] { $count } other times can be booked in this hall now.
}
cancelling-or-move = Only need another time? Moving keeps your place:
cancelling-button = Cancel now
cancelling-keep = Keep it

# In the file for a calendar.
calendar-code = Appointment code: { $code }
calendar-item = – { $item }
