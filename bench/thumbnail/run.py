#!/usr/bin/env python3
"""Thumbnails a second and core, faces included, on the 120 JPEGs of the real data; at least 200 is the aim.

Speed must not be bought by finding no faces: where python3-opencv is there, the faces are judged by the slower and better
cascade haarcascade_frontalface_alt2, and the same numbers computed with OpenCV and NumPy from Python are timed beside ours.

usage: /usr/bin/python3 bench/thumbnail/run.py      (RISETIME_TEST_DATA says where the data is)
"""
import os, pathlib, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASCADES = pathlib.Path("/usr/share/opencv4")


def run_ours(data):
    """Prints our speed and returns the faces of each image."""
    with tempfile.NamedTemporaryFile("r") as faces:
        subprocess.run([ROOT / "build/bin/thumbnail_bench", ROOT / "build/plugins/thumbnail.so", data, "1", "10", "{}", faces.name],
                       check=True)
        return [int(line) for line in faces.read().split()]


def measure(cv2, np, cascade, image):
    """What the plugin measures, as one would write it in Python; returns the faces as the detector's defaults find them."""
    picture = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    histogram = np.bincount(grey.ravel(), minlength=256) / grey.size
    np.cumsum(histogram), -(histogram[histogram > 0] * np.log2(histogram[histogram > 0])).sum(), grey.mean(), grey.std()
    cv2.meanStdDev(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV))
    blue, green, red = (channel.astype(np.float32) for channel in cv2.split(picture))
    for difference in (red - green, (red + green) / 2 - blue, red - blue):
        difference.mean(), difference.std()
    cv2.Laplacian(grey, cv2.CV_16S).var()
    cv2.countNonZero(cv2.Canny(grey, 100, 200))
    cells = (picture >> 4).astype(np.int32)
    np.bincount((cells[..., 0] << 8 | cells[..., 1] << 4 | cells[..., 2]).ravel(), minlength=4096).argsort()
    spectrum = np.fft.fft2(cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA))
    logarithm = np.log(np.abs(spectrum) + 1)
    residual = np.exp(logarithm - cv2.blur(logarithm, (3, 3))) * np.exp(1j * np.angle(spectrum))
    np.sort(cv2.blur(np.abs(np.fft.ifft2(residual)) ** 2, (5, 5)).ravel())
    gradient = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    strong = cv2.threshold(gradient, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
    joined = cv2.morphologyEx(cv2.morphologyEx(strong, cv2.MORPH_CLOSE, np.ones((1, 9), np.uint8)), cv2.MORPH_OPEN, np.ones((3, 7), np.uint8))
    cv2.connectedComponentsWithStats(joined)
    return len(cascade.detectMultiScale(grey))


def judge(name, faces, truth):
    both = sum(1 for a, b in zip(faces, truth) if a and b)
    agreeing = sum(1 for a, b in zip(faces, truth) if a == b)
    print(f"faces, {name}: {sum(faces)} in {sum(map(bool, faces))} images, {both} of them among the {sum(map(bool, truth))} where"
          f" haarcascade_frontalface_alt2 finds some; equal counts in {agreeing} of {len(truth)} images")


def compare(data, ours):
    try:
        import cv2
        import numpy as np
    except ImportError:
        print("no comparison: python3-opencv is not there (for Debian's /usr/bin/python3)")
        return
    cv2.setNumThreads(1)
    images = [path.read_bytes() for path in sorted(path for path in data.rglob("*") if path.is_file())]
    cascade = cv2.CascadeClassifier(str(CASCADES / "lbpcascades/lbpcascade_frontalface.xml"))
    begin = time.process_time()
    theirs = [measure(cv2, np, cascade, image) for image in images]
    print(f"OpenCV and NumPy from Python: {len(images) / (time.process_time() - begin):.0f} thumbnails a second of a core")
    judging = cv2.CascadeClassifier(str(CASCADES / "haarcascades/haarcascade_frontalface_alt2.xml"))
    truth = []
    for image in images:
        grey = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_GRAYSCALE)
        truth.append(len(judging.detectMultiScale(cv2.equalizeHist(grey), 1.1, 3, minSize=(32, 32))))
    judge("ours", ours, truth)
    judge("the peer's", theirs, truth)


def main():
    data = pathlib.Path(os.environ.get("RISETIME_TEST_DATA") or ROOT.parent / "shared" / "data") / "thumbnails"
    if not data.is_dir():
        print(f"skipped: there are no thumbnails at {data}; set RISETIME_TEST_DATA")
        return 0
    compare(data, run_ours(data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
