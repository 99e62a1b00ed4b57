"""A picture at another width, for the README: python shrink.py PICTURE RESULT WIDTH"""

import sys

import cv2

QUALITY = 80


def main(picture: str, result: str, width: str) -> None:
    pixels = cv2.imread(picture)
    height = round(pixels.shape[0] * int(width) / pixels.shape[1])
    small = cv2.resize(pixels, (int(width), height), interpolation=cv2.INTER_AREA)
    cv2.imwrite(result, small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


if __name__ == "__main__":
    main(*sys.argv[1:])
