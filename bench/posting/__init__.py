"""How much work it is to post a case: taps, keys, words and screens of six journeys, counted in a browser."""
