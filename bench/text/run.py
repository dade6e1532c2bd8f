"""Text features of the trending videos: the text plugin against scikit-learn's CountVectorizer and SparseRandomProjection.

    /usr/bin/python3 bench/text/run.py [--build build] [--data ../shared/data] [--repeats 5]

Needs python3-sklearn and the target text_bench. Both are measured warm, in turns. Prints the times, the ratio to the peer (at least 10 is
the aim; the peer has one thread, so look at both lines), and whether
the counts are equal on text of plain ASCII words, where both tokenizers mean the same.
"""

import argparse
import csv
import json
import os
import re
import statistics
import subprocess
import tempfile
import time

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.random_projection import SparseRandomProjection


def read_texts(path):
    with open(path, newline="", encoding="utf-8") as file:
        return [(row["title"], row["tags"]) for row in csv.DictReader(file)]


def one_line(text):
    return re.sub(r"[\t\r\n]", " ", text)


def write_texts(path, texts):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{one_line(title)}\t{one_line(tags)}\n" for title, tags in texts)


def run_ours(build, texts_path, options, threads, repeats, counts_path=None):
    command = [f"{build}/bin/text_bench", f"{build}/plugins/text.so", texts_path, json.dumps(options), str(threads), str(repeats)]
    answer = subprocess.run(command + ([counts_path] if counts_path else []), check=True, capture_output=True, text=True)
    measured = json.loads(answer.stdout)
    return list(zip(measured["seconds"], measured["processor_seconds"]))


def time_peer(texts, vocabulary, components, min_documents):
    documents = [title + " " + tags for title, tags in texts]
    begin, processor_begin = time.perf_counter(), time.process_time()
    counts = CountVectorizer(max_features=vocabulary, min_df=min_documents).fit_transform(documents)
    SparseRandomProjection(components, random_state=1).fit_transform(counts)
    return time.perf_counter() - begin, time.process_time() - processor_begin


def compare_counts(build, texts, folder):
    """Every count of the 4,000 commonest words of two and more letters, in every video."""
    plain = [(re.sub(r"[^a-z]+", " ", title.lower()), re.sub(r"[^a-z]+", " ", tags.lower())) for title, tags in texts]
    write_texts(f"{folder}/plain.tsv", plain)
    options = {"vocabulary": 4000, "project_to": 0, "shortest_word": 2, "fields": ["title", "tags"]}
    run_ours(build, f"{folder}/plain.tsv", options, 1, 1, f"{folder}/counts.tsv")
    ours = {}
    with open(f"{folder}/counts.tsv", encoding="utf-8") as file:
        for line in file:
            row, word, count = line.rstrip("\n").split("\t")
            ours[int(row), word] = int(count)
    words = sorted({word for _, word in ours})
    matrix = CountVectorizer(vocabulary=words).fit_transform([title + " " + tags for title, tags in plain]).tocoo()
    peer = {(int(row), words[column]): int(count) for row, column, count in zip(matrix.row, matrix.col, matrix.data)}
    return ours == peer, len(words), len(peer), sum(peer.values())


def print_line(name, ours, peer):
    """Medians of the repeats, and of the ratios of repeats that were made one after the other."""
    wall, processor = (statistics.median(times[i] for times in ours) for i in (0, 1))
    wall_ratio, processor_ratio = (statistics.median(p[i] / o[i] for p, o in zip(peer, ours)) for i in (0, 1))
    print(f"{name:24} {wall:.3f} s ({wall_ratio:.1f} x), of the processor {processor:.3f} s ({processor_ratio:.1f} x)")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--build", default="build")
    arguments.add_argument("--data", default=os.environ.get("RISETIME_TEST_DATA", "../shared/data"))
    arguments.add_argument("--repeats", type=int, default=5)
    given = arguments.parse_args()
    texts = read_texts(f"{given.data}/youtube-trending/videos.csv")
    options = {"vocabulary": 40000, "project_to": 512, "min_documents": 2, "fields": ["title", "tags"]}
    peer, ours = [], {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        write_texts(f"{folder}/texts.tsv", texts)
        time_peer(texts, 40000, 512, 2)
        for _ in range(given.repeats):  # in turns, so that both meet the same weather
            peer.append(time_peer(texts, 40000, 512, 2))
            for threads in ours:  # warm, as the process of the peer is: the later ones of nine
                warm = run_ours(given.build, f"{folder}/texts.tsv", options, threads, 9)[4:]
                ours[threads].append(tuple(statistics.median(each[i] for each in warm) for i in (0, 1)))
        equal, words, entries, total = compare_counts(given.build, texts, folder)
    print(f"{len(texts)} videos, {sum(len((a + b).encode()) for a, b in texts)} bytes of titles and tags")
    print_line("scikit-learn, 1 thread", peer, peer)
    for threads, seconds in ours.items():
        print_line(f"text plugin, {threads} thread{'s' if threads > 1 else ''}", seconds, peer)
    print(f"counts on plain words: {'equal' if equal else 'DIFFERENT'} ({words} words, {entries} counts that are not 0, {total} words counted)")
    raise SystemExit(0 if equal else 1)


if __name__ == "__main__":
    main()
