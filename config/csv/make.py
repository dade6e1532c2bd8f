#!/usr/bin/env python3
"""Writes videos.csv and observations.csv of this folder: three invented channels, the same bytes each time.

usage: make.py [OUT_DIR]

Channel c (0, 1, 2) publishes video k (0 to 11) on day 4 k + c of 2026-01 at (9 + 5 c) o'clock. With age a in days, its
views would be

    reach(c) * luck * (1 - 2 ** (-(a / half) ** 0.8))

where reach = 2000, 12000, 60000; luck = 2 ** (((7 k + 3 c) % 11 - 5) / 3), a third to three; half = 1.5, 3, 5 days times
2 ** (((5 k + 2 c) % 7 - 3) / 3), a half to two. What each day d adds is then taken times 1 + 0.3 sin(13 k + 78 d + c), and
totals are rounded down. Likes are 4 % of the views, comments 0.5 %, each times (1 + luck) / 2. Every video is read once a
day, at ages 0.5, 1.5, ... 13.5 days, but not after 2026-02-20.
"""
import csv
import datetime
import math
import os
import sys

CHANNELS = [
    ("slow-kitchen", "Food", 2_000, 1.5, ["soup", "bread", "pickles", "rice"]),
    ("night-trains", "Travel", 12_000, 3.0, ["sleeper", "border", "mountain", "harbour"]),
    ("small-robots", "Science", 60_000, 5.0, ["walker", "gripper", "swarm", "solder"]),
]
FORMS = ["How to begin with", "The trouble with", "One week of"]
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2026, 2, 20, tzinfo=datetime.timezone.utc)


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    stamp = lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ")
    with open(f"{out}/videos.csv", "w", newline="") as v, open(f"{out}/observations.csv", "w", newline="") as o:
        videos, readings = csv.writer(v, lineterminator="\n"), csv.writer(o, lineterminator="\n")
        videos.writerow(["video_id", "published_at", "channel_id", "title", "tags", "topic", "length"])
        readings.writerow(["video_id", "taken_at", "views", "likes", "comments"])
        for c, (channel, topic, reach, half, words) in enumerate(CHANNELS):
            for k in range(12):
                video = f"{channel}-{k + 1:02d}"
                published = START + datetime.timedelta(days=4 * k + c, hours=9 + 5 * c)
                word, form = words[k % len(words)], FORMS[(k + c) % len(FORMS)]
                length = f"{4 + (3 * k + c) % 9}:{(17 * k) % 60:02d}"
                videos.writerow([video, stamp(published), channel, f"{form} {word}, part {k + 1}", f"{word}|{topic.lower()}",
                                 topic, length])
                luck = 2 ** (((7 * k + 3 * c) % 11 - 5) / 3)
                half_days = half * 2 ** (((5 * k + 2 * c) % 7 - 3) / 3)
                views = smooth = 0.0
                for day in range(14):
                    age = day + 0.5
                    taken = published + datetime.timedelta(days=age)
                    if taken > END:
                        break
                    before, smooth = smooth, reach * luck * (1 - 2 ** (-((age / half_days) ** 0.8)))
                    views += (smooth - before) * (1 + 0.3 * math.sin(13 * k + 78 * day + c))
                    warmth = (1 + luck) / 2
                    readings.writerow([video, stamp(taken), int(views), int(views * 0.04 * warmth), int(views * 0.005 * warmth)])


main()
