#!/usr/bin/env python3
"""Writes the exports of this folder: three invented profiles, as Apify exports a data set as CSV; the same bytes each time.

usage: make.py [OUT_DIR]

Profile p (0, 1, 2) publishes video k (0 to 8) on day k of 2026-05 at (8 + 4 p) o'clock. At age a in days it has

    reach(p) * luck * (1 - 2 ** (-(a / half) ** 0.7))

views, where reach = 3000, 20000, 90000; luck = 2 ** (((5 k + 2 p) % 9 - 4) / 2); half = 0.5, 1, 2 days. Likes are 8 % of the views,
comments 0.3 %, shares 0.5 %, saves 0.9 %. There is an export for every day from 2026-05-02 to 2026-05-14, at 6 o'clock, with
the videos that were there.
"""
import csv, datetime, os, sys

PROFILES = [("paperharbour", 4_100, 3_000, 0.5, "crane boat frog"), ("quietclay", 36_000, 20_000, 1.0, "bowl mug vase"),
            ("stonesoup", 210_000, 90_000, 2.0, "broth bread beans")]
COLUMNS = ["id", "text", "createTimeISO", "authorMeta/name", "authorMeta/nickName", "authorMeta/fans", "playCount", "diggCount",
           "commentCount", "shareCount", "collectCount", "videoMeta/duration", "musicMeta/musicName", "hashtags/0/name", "hashtags/1/name",
           "webVideoUrl"]
START = datetime.datetime(2026, 5, 1, tzinfo=datetime.timezone.utc)


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for day in range(1, 14):
        now = START + datetime.timedelta(days=day, hours=6)
        with open(f"{out}/dataset_tiktok-scraper_{now:%Y-%m-%d_%H-%M-%S}-000.csv", "w", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(COLUMNS)
            for p, (name, fans, reach, half, words) in enumerate(PROFILES):
                for k in range(9):
                    published = START + datetime.timedelta(days=k, hours=8 + 4 * p)
                    age = (now - published).total_seconds() / 86_400
                    if age <= 0:
                        continue
                    views = reach * 2 ** (((5 * k + 2 * p) % 9 - 4) / 2) * (1 - 2 ** (-((age / half) ** 0.7)))
                    video, word = int(published.timestamp()) << 32, words.split()[k % 3]
                    rows.writerow([video, f"{word} in a minute, part {k + 1}", published.strftime("%Y-%m-%dT%H:%M:%S.000Z"), name, name.title(),
                                   fans + 40 * day, int(views), int(views * 0.08), int(views * 0.003), int(views * 0.005), int(views * 0.009),
                                   20 + 3 * k, "original sound", word, name, f"https://www.tiktok.com/@{name}/video/{video}"])


main()
