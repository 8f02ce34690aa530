"""Cases from draft to release: models, states, gate, authoring, consent step, second read."""
