"""The demo: six invented hosts, their synthetic exports, and one period from import to release."""
