## Signing in
desk-sign-in-title = Staff sign-in
desk-sign-in-lead = Enter the token you were given. You stay signed in for 12 hours; sign out when you leave.
desk-sign-in-token = Token
desk-sign-in-hint = Your administrator gave it to you. Keep it to yourself.
desk-sign-in-wrong = This token is not right. Check it and enter it again
desk-sign-in-ended = You were signed out
desk-sign-in-kept = Your text is not lost. Sign in again and go on with it.
desk-sign-in = Sign in
desk-mend = There is a problem

## Halls of today
desk-today-title = Halls today
desk-today-none = No hall has been assigned to you yet. Ask your administrator.
desk-today-hall = Hall
desk-today-quiet =
    { $count ->
        [one] { $count } hall without appointments today
       *[other] { $count } halls without appointments today
    }
desk-today-closed = Closed today

## How many
desk-count-expected = Expected
desk-count-here = Here
desk-count-served = Served
desk-count-no-show = Did not come
desk-count-cancelled = Cancelled
desk-count-waiting = Waiting

## Ways
desk-ways = Days and pages
desk-way-earlier = Day before
desk-way-today = Go to today
desk-way-later = Day after
desk-way-queue = Numbers and calls
desk-way-display = Calling screen
desk-way-list = List to print
desk-way-halls = Other halls
desk-go-to-day = Date
desk-go = Show

## A day
desk-day-title = { $hall }, { $day }
desk-day-not-today = This is not today's list. Today is { $today }.
desk-day-people = Appointments
desk-day-nobody = Nobody has an appointment on this day.
desk-day-not-found = Nobody on the list fits.
desk-find = Name, end of ID or code
desk-find-button = Find
desk-find-all = Show everybody
desk-band-count = { $taken }/{ $capacity }
desk-earlier = Earlier today ({ $bands } times, { $expected } still expected)
desk-party = Party { $number } of { $count }
desk-party-expected = Party: { $count } expected
desk-lane-counter = Counter
desk-lane-kiosk = Kiosk
desk-status-held = Held
desk-status-booked = Booked
desk-status-checked-in = Here
desk-status-served = Served
desk-status-expired = Expired
desk-status-cancelled = Cancelled
desk-status-no-show = Did not come
desk-stale = The server cannot be reached. What you see may be out of date.

## Checking in
desk-code = Scan or type the code
desk-code-malformed = “{ $typed }” is not a code. A code has 8 digits and letters, such as K7QX2M9F
desk-code-unknown = No appointment has the code { $code }. Check it and scan again
desk-camera = Use camera
desk-camera-close = Close
desk-check-in-refused = Not checked in
desk-not-checked-in = { $name } is not checked in yet. Scan the code again
desk-other-hall = { $code } is an appointment at { $hall }. It has to be used there
desk-other-day = { $name } has an appointment on { $when }. Check in now all the same?
desk-other-day-anyway = Check in anyway
desk-other-day-leave = Do not check in
desk-already-here = { $name } has been checked in already
desk-wrong-state = { $name } cannot be checked in: the appointment is now “{ $state }”

## What was done
desk-check-in = Check in
desk-check-in-party = Check in all { $count }
desk-check-in-others =
    { $count ->
        [one] Check in the other one
       *[other] Check in the other { $count }
    }
desk-serve = Served
desk-no-show = Did not come
desk-done-checked-in = { $name } is checked in
desk-done-number = Queue number { $number }. Please wait until it is called.
desk-done-ticket = Show or print the slip
desk-done-served = { $name } has been served
desk-done-no-show = { $name } is marked as not having come
desk-done-cancelled = The appointment of { $name } is cancelled
desk-done-changed = The appointment of { $name } was changed
desk-undo = Undo
desk-undone = Undone: { $name } is now “{ $state }”
desk-and = , 
desk-late = Nothing changed: { $name } is now “{ $state }”
desk-late-why = A colleague may have been faster. Look at the list as it is now.
desk-no-show-title = Has { $name } not come?
desk-no-show-when = Time
desk-no-show-lead = Make sure first that this person is not in the hall. A mistake can be undone until the end of tomorrow.
desk-no-show-yes = Yes, did not come
desk-no-show-leave = Go back
desk-no-show-not-now = This can be marked only on the day itself, once the time has begun.

## The queue
desk-queue-title = Numbers and calls: { $where }
desk-queue-only-today = Numbers are drawn and called on the day itself
desk-queue-waiting = { $count } waiting
desk-queue-nobody = Nobody is waiting.
desk-queue-called = Called, being served
desk-queue-none-called = Nobody has been called.
desk-queue-since = waiting since { $time }
desk-queue-booked = booked for { $span }
desk-queue-early = early
desk-queue-late = late
desk-queue-was-called = { $number }, please go to counter { $counter }
desk-draw-title = A number for somebody without an appointment
desk-draw-service = Service
desk-draw-choose = Choose a service
desk-draw-no-service = Choose a service that this hall offers
desk-draw = Draw a number
desk-call-title = Call
desk-call-counter = Counter { $counter }
desk-call-other-counter = Change counter
desk-call-next = Call the next one
desk-call = Call
desk-call-again = Call again
desk-call-to = Counter { $counter }
desk-call-unknown = This number is not in the queue any more
desk-gone = Gone
desk-counter = Which counter are you at?
desk-counter-hint = For example 3. After that, calling is one press.
desk-counter-choose = Continue
desk-counter-bad = Enter the counter, at most 16 characters, such as 3

## The slip
desk-ticket-title = Your number
desk-ticket-ahead =
    { $count ->
        [one] { $count } person is ahead of you
       *[other] { $count } people are ahead of you
    }
desk-ticket-not-waiting = This number has been called, or is not waiting.
desk-ticket-since = Drawn at { $time }, valid today. Watch the calling screen.
desk-ticket-next = Back to numbers and calls
desk-print = Print

## The screen
desk-display-title = { $hall }: now calling
desk-display-calls = Last calls
desk-display-no-calls = Please wait. Calls begin soon.

## The list
desk-list-title = List: { $where }
desk-list-made = Made { $time }; people on it: { $count }. Later changes are not on paper.
desk-list-region = Table of appointments
desk-list-name = Name
desk-list-id-number = ID number
desk-list-code = Code
desk-list-service = Service
desk-list-state = State
desk-list-here = Here
desk-list-served = Served

## The record
desk-record-title = Record
desk-record-lead = Who did what, and when, in the last 24 hours. What was done with appointments and configurations stands in the ledger for good; numbers, calls, sign-ins and downloads are only here, for 24 hours.
desk-record-none = Nothing is recorded.
desk-record-hall = Hall
desk-record-all = No single hall (configuration, sign-ins, downloads)
desk-record-day = Day
desk-record-today = Today, { $day }
desk-record-yesterday = Yesterday, { $day }
desk-record-show = Show
desk-record-when = Time
desk-record-who = Who
desk-record-what = What
desk-record-where = Where
desk-deed-drawn = Drew { $number } ({ $service })
desk-deed-called = Called { $number } to counter { $counter }
desk-deed-served = { $number } served
desk-deed-gone = { $number } gone
desk-deed-checked-in = Checked in { $name }, code { $code }
desk-deed-finished = Served { $name }, code { $code }
desk-deed-no-show = { $name } did not come, code { $code }
desk-deed-cancelled = Cancelled { $name }, code { $code }
desk-deed-moved = Moved { $name }, code { $code }
desk-deed-undone = Undid the last step with { $name }, code { $code }
desk-deed-changed = Changed { $name }, code { $code }
desk-deed-adopted = Put configuration { $version } in force
desk-deed-signed-in = Signed in
desk-deed-exported = Downloaded the numbers of { $from } to { $to }
desk-via-page = Page
desk-via-api = API
desk-via-configuration = Configuration
