#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes lighthouse-log.txt: the log of a lighthouse that never stood, one entry a day.

A readable text of a few hundred kB for the scenarios to stream. It is made here, so it belongs to
the project and may be given to anybody. The same script writes the same bytes everywhere.

    scenarios/content/make-lighthouse-log.py > scenarios/content/lighthouse-log.txt
"""
import datetime
import sys
import textwrap

DAYS = 1000
WIDTH = 78


class Dice:
    """A small generator of our own: that of the standard library may change."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound

    def pick(self, items):
        return items[self.below(len(items))]


WINDS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"]
FORCES = ["calm", "light airs", "a light breeze", "a gentle breeze", "a moderate breeze",
          "a fresh breeze", "a strong breeze", "half a gale", "a gale", "a strong gale"]
SKIES = ["clear to the horizon", "broken cloud, high and slow", "low cloud on the hills",
         "grey and even from edge to edge", "thick fog until noon",
         "showers walking in from the sea",
         "rain without a pause", "haze that took the far islands away", "stars, and no moon",
         "sleet on the gallery glass"]
SEAS = ["smooth", "rippled", "slight", "moderate", "rough", "very rough", "confused by the tide"]
VESSELS = ["the mail steamer", "a collier", "two drifters", "a three-masted barque", "a trawler",
           "a survey ship", "a schooner with a torn topsail", "the supply tender", "a pilot cutter",
           "a tug with a barge in tow", "a yacht that should have known better", "a timber ship"]
DEEDS = ["passed inside the reef", "stood off until daylight", "asked our position by lamp",
         "signalled all well", "anchored in the lee for an hour", "went by without a sign",
         "took the northern channel", "reported ice to the west", "dipped her flag",
         "lost her tow and found it again", "sent a boat with newspapers"]
CHORES = ["Trimmed the wicks and cleaned the prism", "Wound the clockwork twice",
          "Painted the gallery rail", "Greased the bearings of the lamp", "Tested the fog horn",
          "Patched the boat", "Carried eleven cans of oil up the stairs", "Whitewashed the wall",
          "Cut peat", "Mended the barometer case", "Counted the stores", "Cleared the rain gauge",
          "Replaced a cracked pane on the weather side", "Set the clock by the noon signal"]
REMARKS = ["The second keeper says the seals are late this year.",
           "A letter came that was five weeks old and good news all the same.",
           "We spoke little and worked well.",
           "The hens have stopped laying, as they do when the glass falls.",
           "The message was sent three times before it was answered.",
           "Of every twenty flashes we sent, one was not seen, and we sent it again.",
           "The light was not late, not once.",
           "It is a long way from here to there, and the answer takes as long again.",
           "I paused in the middle of the page, and went on from the same word.",
           "Began the count anew from the first line; nothing of the old count was kept.",
           "A bird struck the lantern and flew on.",
           "Nothing was lost that could not be sent again.",
           "The harbour asks for the whole log, from the beginning, and I copy it fair.",
           "What was sealed on the mainland was opened here, and the seal was whole.",
           "The tide tables agree with the tide to the minute.",
           "Two lamps answered from the south, where there should be one.",
           "The sea was louder than the horn.",
           "The new keeper learns quickly and laughs at the stairs.",
           "Wrote to the board about the oil. They will answer when they answer.",
           "Slept four hours, which is enough."]
NIGHTS = ["Lit at {lit}, put out at {out}; the light burned without a break.",
          "Lit at {lit}. The flame sank once towards two, and was raised. Put out at {out}.",
          "From {lit} to {out} the light could have been seen at twenty miles, "
          "had there been eyes.",
          "Lit at {lit} in good order. At {out} it was day."]


def clock(minutes):
    return f"{minutes // 60 % 24:02d}.{minutes % 60:02d}"


def entry(number, day, dice):
    force = dice.below(len(FORCES))
    glass = 1032 - 5 * force + dice.below(9)
    season = abs((day.timetuple().tm_yday + 10) % 365 - 182)
    lit, out = 1320 - 2 * season, 210 + season
    text = [f"Wind {dice.pick(WINDS)}, {FORCES[force]}; sea {dice.pick(SEAS)}; {dice.pick(SKIES)}. "
            f"Glass {glass} and {dice.pick(['rising', 'falling', 'steady'])}."]
    text.append(f"{dice.pick(CHORES)}.")
    for _ in range(dice.below(3)):
        vessel = dice.pick(VESSELS)
        text.append(f"At {clock(dice.below(1440))} {vessel} {dice.pick(DEEDS)}.")
    if dice.below(2):
        text.append(dice.pick(REMARKS))
    text.append(dice.pick(NIGHTS).format(lit=clock(lit), out=clock(out)))
    head = f"Day {number}. {day.strftime('%A')}, {day.day} {day.strftime('%B')} {day.year}"
    return head + "\n\n" + textwrap.fill(" ".join(text), WIDTH) + "\n\n"


def main():
    dice = Dice(59001)
    first = datetime.date(1908, 1, 1)
    out = ["THE LOG OF FIRST LIGHT\n\n"
           "Kept on a rock that is on no chart, by keepers who were never hired.\n\n\n"]
    for number in range(DAYS):
        out.append(entry(number + 1, first + datetime.timedelta(days=number), dice))
    out.append("Here the book is full.\n")
    sys.stdout.write("".join(out))


if __name__ == "__main__":
    main()
