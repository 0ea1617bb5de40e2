//! Times in the format of JavaScript's `toISOString`, and the calendar.

const DAY: i64 = 86_400_000;
/// The largest time of a `Date`, either side of the epoch.
const MAX_TIME: f64 = 8.64e15;

/// The text of a time in milliseconds since the Unix epoch; `None` if a `Date` cannot have it.
#[must_use]
pub fn iso_date(time: f64) -> Option<String> {
    if time.is_nan() || time.abs() > MAX_TIME {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let time = time as i64;
    let (days, rest) = (time.div_euclid(DAY), time.rem_euclid(DAY));
    let (year, month, day) = date_of(days);
    let year = match year {
        0..=9999 => format!("{year:04}"),
        _ => format!("{}{:06}", if year < 0 { '-' } else { '+' }, year.abs()),
    };
    let (hour, minute, second, milli) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000);
    Some(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"))
}

/// Year, month (from 1) and day (from 1) of a day that is counted from the Unix epoch, by the Gregorian calendar.
#[must_use]
pub fn date_of(days: i64) -> (i64, i64, i64) {
    // Years that begin in March have their leap day last; 400 of them have 146,097 days, counted here from March of the
    // year 0.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Five months from March have 153 days.
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + carry, month, date)
}

#[cfg(test)]
mod tests {
    use super::iso_date;

    #[test]
    fn times_are_written_as_javascript_writes_them() {
        for (time, text) in [
            (0.0, "1970-01-01T00:00:00.000Z"),
            (-1.0, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000.0, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999.0, "2000-02-29T23:59:59.999Z"),
            (4_107_542_400_000.0, "2100-03-01T00:00:00.000Z"),
            (1_764_460_801_234.0, "2025-11-30T00:00:01.234Z"),
            (253_402_300_800_000.0, "+010000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001.0, "-000001-12-31T23:59:59.999Z"),
            (8.64e15, "+275760-09-13T00:00:00.000Z"),
            (-8.64e15, "-271821-04-20T00:00:00.000Z"),
        ] {
            assert_eq!(iso_date(time).as_deref(), Some(text), "{time}");
        }
        assert_eq!(iso_date(f64::NAN), None);
        assert_eq!(iso_date(8.64e15 + 1.0), None);
    }
}
