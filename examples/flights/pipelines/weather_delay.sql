-- Delays beside the weather of the hour.
SELECT
  f.origin,
  f.time_hour,
  avg(f.dep_delay) AS delay,
  any_value(w.wind_gust) AS wind_gust,
  any_value(w.visib) AS visib,
  any_value(w.pressure) AS pressure
FROM flights AS f
JOIN weather AS w ON w.origin = f.origin AND w.time_hour = f.time_hour
GROUP BY ALL
