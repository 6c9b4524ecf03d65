city-title = Bookings: { $city }
city-title-all = Bookings: all cities
city-days = Another day
city-week-before = Week before
city-day-before = Day before
city-day-after = Day after
city-week-after = Week after
city-to-trends = See trends
city-date = Date
city-city = City
city-all = All cities
city-lane = Counter or kiosk
city-lane-counter = Counter
city-lane-kiosk = Kiosk
city-show = Show
city-totals = { $taken } of { $capacity } places booked ({ $share }%)
city-booked = Booked
city-held = Held
city-checked-in = Checked in
city-served = Served
city-no-show = Did not come
city-cancelled = Cancelled
city-heat = { $lane }: bookings by hall and time, { $day }
city-heat-explained = Each cell shows places booked and places in total. The darker the cell, the fuller it is.
city-hall = Hall
city-sum = Total
city-no-band = No appointments at this time
city-nothing = No appointments can be booked on this day.
city-beyond =
    { $count ->
        [one] { $count } more hall is not shown. Choose a city.
       *[other] { $count } more halls are not shown. Choose a city.
    }
city-download = Download data
city-from = From
city-to = To
city-csv = Download as CSV
city-csv-hall-id = Hall ID
city-csv-start = Start
city-csv-end = End
city-csv-capacity = Places
trends-title = Trends
trends-hall = Hall
trends-all-halls = All halls
trends-show = Show
trends-booked = 30 days before and after today
trends-chart = Places and bookings each day
trends-chart-explained = The outline shows each day’s places, and the filled part shows those booked; the top section is people who did not come. The table below has the same numbers.
trends-capacity = Places
trends-taken = Booked
trends-share = Booked (%)
trends-came = Came
trends-no-show = Did not come
trends-no-show-rate = Did not come (%)
trends-none = –
trends-days = Numbers by day
trends-day = Day
trends-today = Today
trends-halls = Did not come, by hall
trends-halls-explained = Last { $days } days, highest share first.
trends-nothing = No data yet.
trends-beyond =
    { $count ->
        [one] { $count } more hall is not counted.
       *[other] { $count } more halls are not counted.
    }
