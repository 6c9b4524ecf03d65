# Booking: signing in, who is coming, the details, the confirmation.
form-errors = There is a problem
form-name = Full name
form-id-number = Resident ID number
form-id-number-hint = 18 characters; the last one may be an X
form-mobile = Mobile number
form-mobile-hint = 11 digits, from mainland China
form-phone = Phone number
form-phone-hint = A mobile number, a landline with its area code, or a number beginning with +852, +853 or +886

slot-service = Service
slot-hall = Hall
slot-day = Day
slot-time = Time
slot-day-and-time = { $day }, { $time }

sign-in-title = Sign in
sign-in-lead = Enter your details as shown on your ID card.
sign-in-demonstration = This demonstration does not check who you are. Do not enter a real ID number. In real use, a national identity service checks it.
sign-in-button = Sign in
sign-in-hours = You stay signed in for { $hours } hours. Sign out when you are done on a shared computer.
sign-in-ended = Your session has ended
sign-in-kept = Please sign in again. What you entered has been kept and will be there afterwards.
sign-in-not-kept = Please sign in again. We could not keep what you entered, so you will need to enter it again.
sign-in-elsewhere = Please sign in through the identity service.
sign-in-elsewhere-hint = You sign in there. This page does not collect personal details.

book-title = Your details
who-self = You
who-other = Person { $number } with you
who-remove = Remove person { $number }
who-phone-hint = Leave this empty to use your own number
who-add = Add a person
who-add-hint = Family members can come at the same time, up to { $max } people. Everyone must come in person.
who-full = You have reached the limit of { $max } people.
who-hold = Hold this time and continue
who-hold-hint = We then hold this time for you for { $minutes } minutes while you check and confirm.
who-gone = This time cannot be booked now
who-other-times = Choose another time
who-kept = What you entered is kept for one hour and filled in again when you choose another time.
who-see-own = See my appointments
who-see-it = See this appointment
who-already-own = Already booked for the same document ({ $who }): { $time }, { $hall }. You can change or cancel it.
who-already-other = Already booked, or being booked, for the same document: { $who }. Please check with them.

hold-own = We are holding { $time } for you until { $until }
hold-own-moves = If you continue, we hold the time below instead.
hold-own-differs = It is held for other people or another service. You can keep only one of the two.
hold-own-stay = Keep the time you have and continue
hold-own-replace = Change to { $time }

details-kept-until = We are holding this time for you until { $time }
details-soon = You have two minutes left.
details-soon-extend = You have two minutes left. You can ask for more time once.
details-extend = { $minutes } more minutes
details-over = Time is up
details-over-hint = We no longer hold this time. What you entered is kept and filled in again when you choose another time.
details-again = Choose another time
details-ended = Time is up
details-ended-lead = We no longer hold this time, and nothing has been booked. Please choose another time.
details-ended-typed = What you entered is kept for one hour and filled in again when you choose another time.
details-bring = Before you come: what to bring
details-contact = Emergency contact
details-contact-hint = Someone we can call if we cannot reach you. Not yourself, please.
details-residence = Where you live now
details-residence-hint = We chose this from the first 6 digits of your ID number. If you live somewhere else now, change it.
details-method = How to get your document
details-counter = Collect it at the hall
details-counter-hint = Come to the hall when the document is ready.
details-post = Have it posted
details-post-hint = The recipient pays for delivery.
details-address = Postal address
details-address-hint = Only needed if the document is posted.
details-address-gap = { ", " }
details-receiver = Recipient
details-region = Area
details-street = Street and house number
details-review = Continue
details-review-title = Check and confirm
details-who = Who is coming
details-change = Change
details-confirm-hint = If everything is correct, select “Confirm appointment”. Your appointment is then booked.
details-confirm = Confirm appointment
details-other-time = Choose another time
details-give-up = Release this time

place-province = Province
place-city = City
place-county = District or county
place-choose = Please choose
place-update = Update the lists
place-search = Search for a province, city or district
place-search-button = Search
place-search-open = “{ $typed }” is not chosen yet. Choose one of the places found, or choose from the lists below.
place-search-keep = Keep { $place }
place-found = { $count ->
    [one] 1 place found. Please choose it:
   *[other] { $count } places found. Please choose one:
}
place-found-more = Here are the first { $shown } places, and there are { $more } more. Type more letters to narrow them down.
place-found-none = Nothing found for “{ $typed }”. Check the spelling, or choose from the lists below.
place-found-nothing-typed = Type the name of a province, city or district.
place-taken = Chosen: { $place }
place-taken-in-part = Chosen so far: { $place }. Please choose the rest below.
place-taken-abolished = { $place } no longer exists. Please choose the present district or county below.
place-abolished = { $place } (no longer exists)
