"""What audit gives to the copy of somebody who asks what is kept about them."""
