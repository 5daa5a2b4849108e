"""What organisers must hand up: the quarterly 赛事专报 and the ten-day summary, every number with its source."""
