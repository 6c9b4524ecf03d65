city-title = Bookings: { $city }
city-title-all = Bookings of every city
city-days = Another day
city-week-before = Week before
city-day-before = Day before
city-day-after = Day after
city-week-after = Week after
city-to-trends = See trends
city-date = Date
city-city = City
city-all = Every city
city-lane = Where people are served
city-lane-counter = Counter
city-lane-kiosk = Kiosk
city-show = Show
city-totals = { $taken } of { $capacity } places taken ({ $share }%)
city-booked = Booked
city-held = Held
city-checked-in = Checked in
city-served = Served
city-no-show = Did not come
city-cancelled = Cancelled
city-heat = { $lane } of every hall by time, { $day }
city-heat-explained = Each cell shows the places taken and the places there are. The darker, the fuller.
city-hall = Hall
city-sum = Total
city-no-band = No such time here
city-nothing = Nothing can be booked on this day.
city-beyond =
    { $count ->
        [one] { $count } more hall is not shown. Choose a city.
       *[other] { $count } more halls are not shown. Choose a city.
    }
city-download = Download the numbers
city-from = From
city-to = To
city-csv = Download as CSV
city-csv-hall-id = Hall id
city-csv-start = Start
city-csv-end = End
city-csv-capacity = Places
trends-title = Trends
trends-hall = Hall
trends-all-halls = All halls
trends-show = Show
trends-booked = Thirty days back and ahead
trends-chart = Places and bookings of every day
trends-chart-explained = An outline for the places of each day, filled as far as they are booked; the top of that did not come. The table below has the same numbers.
trends-capacity = Places
trends-taken = Taken
trends-share = Share booked
trends-came = Came
trends-no-show = Did not come
trends-no-show-rate = Share that did not come
trends-none = –
trends-days = The numbers of every day
trends-day = Day
trends-today = Today
trends-halls = Who did not come, by hall
trends-halls-explained = The last { $days } days, the highest share first.
trends-nothing = There are no numbers yet.
trends-beyond =
    { $count ->
        [one] { $count } more hall is not counted.
       *[other] { $count } more halls are not counted.
    }
