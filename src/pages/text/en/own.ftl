# What somebody has booked, and what can be done with it.
own-title = My appointments
own-none = You have no appointments yet.
own-coming = Coming up
own-past = Past appointments
own-book = Book a new time
own-older = Older appointments
own-newest = Back to the newest
own-show = View
own-go-on = Continue
own-yourself = { $name } (you)
own-other = { $name } (ID ending { $end })
own-misfit = Needs a new time
own-changed = Changed
own-status-held = On hold
own-status-booked = Booked
own-status-checked-in = Checked in
own-status-served = Completed
own-status-expired = Expired
own-status-cancelled = Cancelled
own-status-no-show = Did not come

one-title = Appointment: { $service }
one-new = Appointment booked
one-new-hint = Come to the hall on time, with this code and your ID card.
one-moved = Appointment changed
one-moved-hint = Your code stays the same, and your old place has been released. Please add the appointment to your calendar again.
one-unchanged = Nothing has changed
one-unchanged-hint = You chose the time that you already have.
one-cancelled = Appointment cancelled
one-cancelled-hint = The place has been released. You can book again at any time.
one-released = Time released
one-released-hint = Nothing has been booked. You can choose another time.
one-release = Release this time
one-held = Not confirmed yet
one-held-hint = We are holding this time for you until { $time }. Please fill in the rest and confirm.
one-go-on = Continue
one-code = Appointment code
one-code-hint = Show this at the hall
one-code-party = Show this at the hall to check in all { $count } of you
one-code-alone = to check in alone:
one-qr = QR code of the appointment code
one-who = Applicant
one-address = Address
one-map = View on map
one-copy = Copy address
one-copied = Copied
one-phone = Phone
one-calendar = Add to calendar
one-print = Print
one-move = Change the time
one-cancel = Cancel the appointment
one-bring = What to bring
one-others = Others in this booking
one-next = What happens next
one-next-arrive = Come to the hall at the time of your appointment and show the code and your ID card at the check-in desk.
one-next-wait = You will get a queue number. Watch the screen until it is called.
one-next-collect = When the document is ready, you get it the way you chose: at the hall or by post.
one-next-change = If you cannot come, please change or cancel the appointment before it begins, so that someone else can have the place.

news-misfit = Your appointment cannot take place as booked
news-moved-by-staff = The hall has changed your appointment
news-moved = Your appointment has changed
news-gone-by-staff = The hall has cancelled your appointment
news-gone = Your appointment has been cancelled
news-gone-hint = The place has been released, so please do not come at the old time.
news-is = Now
news-was = Before
news-earlier = Please note: the new time is earlier than the old one.
news-other-hall = Please note: it is in a different hall.
news-calendar-again = If it is in your calendar, please add it again.
news-seen = Got it
news-and = , { "" }

misfit-no-hall = The hall no longer exists. Please move to another hall.
misfit-holiday = The hall is closed that day ({ $name }). Please choose another time.
misfit-closed = The hall is closed that day. Please choose another time.
misfit-closed-because = The hall is closed that day ({ $reason }). Please choose another time.
misfit-no-service = This service is no longer offered. Please cancel the appointment.
misfit-not-in-lane = The hall now serves this at other counters. Please choose the time again.
misfit-other-zone = The hall has changed its times. Please choose the time again.
misfit-no-band = The hall has changed its hours and is no longer open at { $time }. Please choose another time.
misfit-fewer-places = The hall has fewer places at this time, and you may not be served. Please choose another time.
misfit-fewer-places-call = The hall has fewer places at this time, and you may not be served. Please choose another time, or call the hall first: { $phone }.

whose-move = Whose appointment do you want to change?
whose-cancel = Whose appointment do you want to cancel?
whose-all = All { $count } people

moving-title = Change the time
moving-title-held = Choose another time
moving-kept = You keep your current appointment until the new time is confirmed.
moving-kept-held = We are holding your current time until { $time }. Choosing another one does not change that.
moving-old = Current time
moving-new = New time
moving-confirm = Change the appointment
moving-confirm-held = Hold this time instead
moving-other-times = Choose another time
moving-other-halls = Choose another hall
moving-keep = Keep the current appointment
moving-keep-held = Keep the current time and continue
moving-unchanged = Your appointment is unchanged: { $when }.
moving-unchanged-held = The time we hold for you is unchanged: { $when }.
moving-is-here = You already have this time
moving-not-open = This time cannot be booked now. Please choose another one
moving-full = This time is fully booked. Please choose another one
moving-too-few = { $count ->
    [one] Only { $count } place is left at this time, and { $people } are needed
   *[other] Only { $count } places are left at this time, and { $people } are needed
}
moving-changed = This appointment has just changed. Please check it and confirm again
moving-try-again = That did not work. Please try again

cancelling-title = Cancel the appointment
cancelling-title-all = Cancel all appointments
cancelling-consequences = The place is released at once. You cannot undo this. To come, book again.
cancelling-or-move = Only need another time? You can change it without losing your place.
cancelling-move = Change the time
cancelling-people = { $count ->
    [one] Applies to { $count } person
   *[other] Applies to { $count } people
}
cancelling-changed = This appointment has just changed. Please check it before you decide.
cancelling-button = Cancel now
cancelling-keep = Keep it

# In the file for a calendar.
calendar-code = Appointment code: { $code }
calendar-item = – { $item }
help-questions = If you have questions, call { $line }.
help-questions-hall = If you have questions, call the hall ({ $phone }) or { $line }.
help-title = Help
help-line = National Immigration Administration
help-line-hours = 24 hours, Chinese and English
help-feedback = You can use these numbers for questions, feedback and complaints. Please have your appointment code ready.
