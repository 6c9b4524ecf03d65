choose-band-full = Full
choose-band-left = { $count ->
    [one] 1 place left
   *[other] { $count } places left
  }
choose-band-few = { $count } left, too few for { $people } people
choose-day-full = Full
choose-day-left = { $count } left
choose-day-few = Under { $people }
choose-day-title = Choose a day
choose-moving = You are moving an appointment. You keep the old one until the new one is certain.
choose-legend-free = Free
choose-legend-nearly = Nearly full
choose-legend-full = Full
choose-legend-closed = Not bookable
choose-day-today = Today
choose-day-ahead = Not yet
choose-day-holiday = Holiday
choose-day-closed = Closed
choose-why-days = Why can some days not be booked?
choose-hall = About this hall
choose-address = Address
choose-phone = Telephone
choose-closed-day = Closed
choose-version = Opening hours, version { $version }
choose-band-title = { $day }: choose a time
choose-day-not-bookable = This day cannot be booked
choose-others-days = Other days at this hall
choose-to-calendar = Show the calendar
choose-take = Choose
choose-others = Full: see other times
choose-band-why-full = All { $capacity } places at this time are taken. If somebody cancels, the place is free again at once.
choose-band-why-few = Only { $count } of the { $people } places that you need are left at this time.
choose-others-same-day = Other times on this day
choose-others-halls = Halls nearby with places
choose-weekdays = { $from } to { $to }
choose-bands = Times
