"""The second read: the queue, the reader's annotations, release or send-back."""
