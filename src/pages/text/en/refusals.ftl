# Refusals: what a rule said. The same sentence stands in the calendar and after a form.
rejection-unknown-hall = We could not find this hall. Please choose again.
rejection-unknown-service = We could not find this service. Please choose again.
rejection-unknown-appointment = We could not find this appointment. Check the code, or look in “My appointments”.
rejection-forbidden = You cannot do this.
rejection-not-your-party = Only the person who made the booking can change it for everyone. You can still change your own appointment.
rejection-another-hall = This appointment is not at your hall.
rejection-service-not-offered = This hall does not offer this service. Please choose another hall.
rejection-party-too-large = { $max ->
    [one] You can book for one person at a time. If you are more, please book one by one.
   *[other] You can book for up to { $max } people at a time. If you are more, please book in several steps.
}
rejection-duplicate-applicant = Person { $second } is the same as person { $first }. Please remove one of them.
rejection-applicants-differ = The people are not the ones you chose the time for. Enter the same people, or book again.
rejection-past = This day has passed.
rejection-same-day = You cannot book for the same day. The first day you can book now is { $day }.
rejection-beyond-window = This day is not open for booking yet. The last day you can book now is { $day }; one more day opens every day.
rejection-opens-at = This day is not open for booking yet. Booking opens on { $time }.
rejection-not-released = This day is not open for booking yet. Please look again later.
rejection-holiday = The hall is closed for a public holiday: { $name }.
rejection-closed = The hall is closed on this day.
rejection-closed-because = The hall is closed on this day: { $reason }.
rejection-day-full = This day is fully booked. If someone cancels, their place can be booked again.
rejection-no-such-band = There is no such time on this day. Please choose another time.
rejection-already-booked = Person { $number } already has an appointment for the same document. You can change or cancel that one.
rejection-too-many-active = { $max ->
    [one] You can have one open appointment at a time. Please cancel it first if you do not need it.
   *[other] You can have up to { $max } open appointments. Please cancel one that you do not need.
}
rejection-slot-full = There are not enough places left at this time. Please choose another time.
rejection-wrong-state = This appointment { $state }, so it cannot be { $act }.
rejection-begun = This appointment has already begun ({ $time }), so it can no longer be { $act }.
rejection-already-extended = You can extend the time only once, and you have already done so. Please confirm before it runs out.
rejection-no-extensions = You cannot extend the time here. Please confirm before it runs out.
rejection-not-on-its-day = This appointment is on { $day }, so it cannot be { $act } today.
rejection-not-begun = This appointment begins at { $time }. Before that it cannot be { $act }.
rejection-nothing-to-undo = This appointment { $state }. There is nothing to undo.
rejection-undo-too-late = You could undo this only until { $time }.
rejection-no-show-stands = You could undo this only until the end of { $day }.
rejection-undo-by-another = Only the person who did this can undo it.
rejection-undo-forgotten = The system no longer knows who did this, so it can no longer be undone.
rejection-hold-expired = We no longer hold this time, and the place has been released. Please choose a time again.
rejection-idempotency-mismatch = This form has already been sent with different content. Please go back one step and fill it in again.

rejection-state-held = has not been confirmed yet
rejection-state-booked = is booked
rejection-state-checked-in = is checked in
rejection-state-served = has been completed
rejection-state-expired = has expired
rejection-state-cancelled = has been cancelled
rejection-state-no-show = is marked as “Did not come”
rejection-act-confirm = confirmed
rejection-act-reschedule = moved to another time
rejection-act-cancel = cancelled
rejection-act-check-in = checked in
rejection-act-serve = completed
rejection-act-mark-no-show = marked as “Did not come”
rejection-act-extend = extended
rejection-act-change = changed

holiday-new-year = New Year’s Day
holiday-spring-festival = Spring Festival
holiday-tomb-sweeping = Tomb-Sweeping Day
holiday-labour-day = Labour Day
holiday-dragon-boat = Dragon Boat Festival
holiday-mid-autumn = Mid-Autumn Festival
holiday-national-day = National Day
holiday-and = { " and " }

# Problems: what went wrong, as a heading.
problem-malformed-request = There is a problem with what was sent
problem-unauthenticated = Please sign in first
problem-forbidden = You do not have access
problem-not-found = Page not found
problem-unknown-hall = Hall not found
problem-unknown-service = Service not found
problem-unknown-appointment = Appointment not found
problem-method-not-allowed = This page cannot be opened like this
problem-slot-full = Not enough places left at this time
problem-already-booked = Already booked for the same document
problem-too-many-active = Too many open appointments
problem-wrong-state = This appointment cannot be changed like this now
problem-hold-expired = We no longer hold this time
problem-idempotency-mismatch = This form has already been sent
problem-too-large = Too much was sent
problem-unsupported-media-type = What was sent cannot be read
problem-same-day = You cannot book for the same day
problem-past = This day has passed
problem-beyond-window = This day is too far ahead to book
problem-not-released = This day is not open for booking yet
problem-holiday = The hall is closed for a public holiday
problem-closed = The hall is closed
problem-no-such-band = There is no such time
problem-service-not-offered = This hall does not offer this service
problem-party-too-large = Too many people
problem-duplicate-applicant = Someone is entered twice
problem-invalid-field = Something needs to be corrected
problem-too-many-requests = Too many attempts
problem-internal = Something went wrong on our side
problem-overloaded = The service is very busy
problem-read-only = You cannot book or change anything at the moment

# Advice: what to do next.
advice-start-again = Go back one step and try again.
advice-sign-in = Sign in to continue. If you were signed in, your session may have ended.
advice-forbidden = Use an account that has access, or go back to the start page.
advice-not-found = Check the address, or go back to the start page.
advice-other-hall = Please choose another hall.
advice-other-service = Please choose the service again.
advice-own-appointments = Check the code, or look in “My appointments”.
advice-other-time = Please choose another time or another hall.
advice-other-day = Please choose another day.
advice-cancel-or-move = Cancel or change an appointment in “My appointments”, then book again.
advice-look-again = The appointment may just have changed. Open it again to see its current state.
advice-book-again = Please choose a time and book again.
advice-shorter = Please shorten what you entered and send it again.
advice-smaller-party = Please book for fewer people at a time.
advice-mend-fields = Correct what is marked and send the form again. Everything else you entered is kept.
advice-wait = Please wait a moment and try again.
advice-wait-minutes = { $count ->
    [one] Please wait a minute and try again.
   *[other] Please wait { $count } minutes and try again.
}
advice-wait-hours = { $count ->
    [one] Please wait an hour and try again.
   *[other] Please wait { $count } hours and try again.
}
advice-read-only = Please try again later. Your existing appointments are not affected.
advice-internal = Please try again later. Look in “My appointments” first: you may already be booked.

# Fields: what is missing or wrong, and how to mend it.
field-applicants-needed = Enter at least one person.
field-applicants-wrong = Check how many people there are, and their details.
field-name-needed = Enter the name.
field-name-too-long = A name has at most { $max } characters. Please shorten it.
field-name-characters = The name has invisible characters in it. Delete it and type it again.
field-id-number-needed = Enter the resident ID number.
field-id-number-length = A resident ID number has 18 characters. You entered { $count }.
field-id-number-first-generation = 15-digit ID numbers are no longer valid. Enter the 18-character number on the current ID card.
field-id-number-characters = A resident ID number has 17 digits and a digit or X at the end, without spaces.
field-id-number-province = The first two digits of the ID number are not right. Compare it with the card.
field-id-number-birth-date = Digits 7 to 14 of the ID number should be a date of birth. Compare it with the card.
field-id-number-future = The date of birth in the ID number is after today. Compare it with the card.
field-id-number-check = One character of the ID number is wrong. Compare it with the card, one by one.
field-id-number-twice = This ID number is the same as another person’s. Enter each person once.
field-mobile-needed = Enter the mobile number.
field-mobile-wrong = A mainland mobile number has 11 digits and begins with 13 to 19. Please check it.
field-phone-wrong = Enter an 11-digit mobile number, a landline with its area code, or a number beginning with +852, +853 or +886.
field-contact-needed = Enter an emergency contact.
field-contact-name-needed = Enter the name of the emergency contact.
field-contact-phone-needed = Enter the phone number of the emergency contact.
field-residence-needed = Choose the province, city and district where you live now.
field-division-wrong = There is no such place. Choose the province, city and district again.
field-collection-needed = Choose how to get your document.
field-address-needed = Enter the postal address.
field-receiver-name-needed = Enter the recipient’s name.
field-receiver-phone-needed = Enter the recipient’s phone number.
field-region-needed = Choose the province, city and district to post it to.
field-street-needed = Enter the street and house number.
field-street-too-long = Street and house number are too long. Please shorten them.
field-street-characters = Write street and house number on one line.
field-hall-needed = Choose a hall.
field-service-needed = Choose what you want to apply for.
field-date-needed = Choose a date.
field-date-wrong = There is no such date. Write it like this: { $example }.
field-last-date-wrong = The last date cannot be before the first one, or too long after it.
field-start-needed = Choose a time.
field-start-wrong = Write the time like this: 08:30.
field-place-needed = Tell us where you are, or choose a city instead.
field-place-wrong = We could not recognise the location. Please choose a city instead.
field-code-needed = Enter the appointment code.
field-code-wrong = An appointment code has 8 letters and digits. Please check it.
field-other-needed = Please fill this in.
field-other-wrong = Something is wrong here. Please check it.
