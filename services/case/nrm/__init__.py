"""What is known of the NRM of survivors: a history that is never written over, and by when something is to be done."""
