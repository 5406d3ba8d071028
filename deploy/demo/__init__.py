"""The demo: six invented hosts, their synthetic exports, and one year from import to release."""
