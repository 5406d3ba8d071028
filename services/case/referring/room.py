"""The room in which a referral is opened."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "pages")
