"""Clinical overviews and close-ups of simulated skin disease.

Every picture function takes `seed`, `monk` (1-10), `width` and `height` (px) and returns H×W×3 uint8
sRGB. Lesions change what is in the skin (melanin, blood, keratin, relief); colour follows from the
tone, so the same erythema reads pink on Monk 2 and violaceous to grey-brown on Monk 9.
"""
