configuration-title = Configuration
configuration-done-applied = The configuration is in force
configuration-done-rolled-back = The earlier version is in force again
configuration-done-displaced =
    { $count ->
        [one] { $count } appointment does not fit the new configuration. Find another time for it.
       *[other] { $count } appointments do not fit the new configuration. Find other times for them.
    }
configuration-to-displaced = Find other times
configuration-version = Version
configuration-since = In force since
configuration-halls = Halls
configuration-services = Services
configuration-directory = Where the files are
configuration-instances = Several servers are running, each with files of its own. After a change here, put the same files on the others.
configuration-unread = The files cannot be read now. See the log of the server.
configuration-pending = Files have changed and are not in force
configuration-pending-explained = Somebody has changed the files on the server. Publishing changes this:
configuration-reload = Publish
configuration-files = Files of halls
configuration-files-own = Only files of your own halls are here.
configuration-files-none = There is no file that you can change.
configuration-file = File
configuration-file-halls = Halls
configuration-file-act = What to do
configuration-edit = Edit
configuration-and = ,{" "}
configuration-history = Earlier versions
configuration-history-none = No version has been kept yet.
configuration-number = Number
configuration-number-of = Number { $number }
configuration-when = When
configuration-by = By whom
configuration-by-start = Start of the server
configuration-by-signal = Signal to the server
configuration-by-others = Another server
configuration-comment = Comment
configuration-in-force = In force
configuration-file-title = Edit { $file }
configuration-file-lead = Check your text first. Checking changes nothing.
configuration-file-kept = You are signed in again, and your text is below
configuration-text = Text of the file
configuration-text-hint = Write hours as "08:30-12:00" and dates as "2026-12-01". Lines that begin with # are remarks.
configuration-comment-label = Comment (optional)
configuration-comment-hint = Say why, for whoever looks later.
configuration-comment-long = A comment has at most { $max } characters; nothing has been applied yet.
configuration-check = Check
configuration-apply = Publish
configuration-check-again = The text changed after the check, so it was checked again. Look at it once more.
configuration-sound = No errors
configuration-sound-explained = Nothing is in force yet, and no appointment is affected. Check the changes below, then publish.
configuration-sound-but =
    { $count ->
        [one] This can be published, but it affects { $count } person
       *[other] This can be published, but it affects { $count } people
    }
configuration-errors =
    { $count ->
        [one] Fix { $count } error
       *[other] Fix { $count } errors
    }
configuration-error = { $flaw }. { $mend }.
configuration-error-at = Line { $line }
configuration-diff = Lines that change
configuration-diff-none = The text is the same.
configuration-diff-cut = Too much differs to be shown in full.
configuration-changes = What changes
configuration-changes-none = Nothing changes.
configuration-displaced-stay = These appointments stay; none is cancelled. Find other times for them afterwards.
configuration-more =
    { $count ->
        [one] { $count } more is not shown.
       *[other] { $count } more are not shown.
    }
configuration-beyond = You cannot change this
configuration-beyond-explained = You can only change your own halls. Your text is still below.
configuration-unwritten = The file cannot be written
configuration-unwritten-explained = The server may not write this file. Nothing was changed. Your text is still below.
configuration-put-back = It did not come into force. The files are as they were.
configuration-conflict = Somebody else has just changed this file
configuration-conflict-explained = The file changed after you opened it, so your text was not saved. See how the two differ, then check again.
configuration-conflict-diff = How your text differs from the file now
configuration-conflict-there = The file now
configuration-version-title = Configuration number { $number }
configuration-version-diff = Lines that change by going back to it
configuration-version-same = The files are the same now.
configuration-version-files = Files of this version
configuration-secret = (may hold a password, so it is not shown)
configuration-secret-differs = This file differs too. It may hold a password, so it is not shown.
configuration-roll-back = Go back to this version
configuration-roll-back-check = Preview the result
configuration-roll-back-title = Go back to number { $number }
configuration-roll-back-explained = All files become those of this version, staff and rules too. Look at the changes below first.
configuration-roll-back-again = The files have just changed. Look once more.
configuration-roll-back-comment = Back to number { $number }
configuration-leave = Go back
displaced-title = People who need another time
displaced-none = Every appointment fits the configuration.
displaced-table = Appointments affected
displaced-count =
    { $count ->
        [one] { $count } appointment does not fit the configuration. Find another time for it.
       *[other] { $count } appointments do not fit the configuration. Find another time for each.
    }
displaced-who = Applicant
displaced-service = Service
displaced-hall = Hall
displaced-every-hall = Every hall
displaced-day = Day
displaced-every-day = Every day
displaced-show = Show
displaced-people =
    { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
displaced-when = Time
displaced-reason = Why
displaced-held = Held
displaced-move = Find another time
displaced-moved = { $name } now comes to { $hall }, { $day } { $band }.
displaced-one-title = Find another time
displaced-ask-title = Move this appointment?
displaced-new = New time
displaced-other-hall = This is another hall. Make sure that the person agrees.
displaced-earlier =
    { $days ->
        [one] { $days } day earlier than booked
       *[other] { $days } days earlier than booked
    }
displaced-sure = Move it
displaced-choose-other = Choose another time
displaced-fits = This appointment fits the configuration. It needs no other time.
displaced-no-offer = There is no free time near.
displaced-left = { $count } left
displaced-no-hall = The hall is gone
displaced-holiday = The hall is closed for a holiday: { $name }
displaced-closed-because = The hall is closed on this day: { $reason }
displaced-closed = The hall is closed on this day
displaced-no-service = The hall no longer offers this service
displaced-not-in-lane = The hall no longer offers the service this way
displaced-other-zone = The time zone of the hall is now { $zone }
displaced-no-band = The time { $band } is no longer there
displaced-fewer-places =
    { $places ->
        [one] There is now { $places } place at this time, and an earlier appointment has it
       *[other] There are now { $places } places at this time, and earlier appointments have them
    }
displaced-gone = Nothing was moved: this time can no longer be booked. Choose another one.
