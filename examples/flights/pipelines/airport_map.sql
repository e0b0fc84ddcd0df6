-- Where the airports are.
SELECT
  faa AS code,
  name,
  lat,
  lon
FROM airports
WHERE tz BETWEEN -10 AND -5
