"""The way out: encoding clean pictures, and the proof over their bytes."""
