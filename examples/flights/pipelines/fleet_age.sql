-- How old the aircraft are.
SELECT
  tailnum,
  2013 - year AS age,
  manufacturer || ' ' || model AS model,
  seats
FROM planes
