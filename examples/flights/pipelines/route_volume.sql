-- How many flights each route has, with the names of its airports and airline.
SELECT
  f.origin,
  f.dest,
  o.name AS origin_name,
  d.name AS dest_name,
  a.name AS airline,
  count(*) AS flights,
  avg(f.distance) AS distance
FROM flights AS f
JOIN airlines AS a ON a.carrier = f.carrier
JOIN airports AS o ON o.faa = f.origin
JOIN airports AS d ON d.faa = f.dest
GROUP BY ALL
