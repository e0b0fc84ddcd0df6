-- Aircraft that could be offered a hangar, with the airlines that could be.
SELECT tailnum AS target FROM planes WHERE seats < 10
UNION ALL
SELECT name AS target FROM airlines
