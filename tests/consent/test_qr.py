"""The square code on the page: what a camera reads is the address of withdrawal with the code."""

import re

import cv2
import numpy as np
import pytest

from consent.pdf.qr import QUIET_ZONE, qr_path
from consent.pdf.receipt import withdrawal_address
from consent.records import codes


@pytest.mark.parametrize("_number", range(3))
def test_a_camera_reads_the_address(_number: int) -> None:
    address = withdrawal_address(codes.new_code())
    path, side = qr_path(address)
    paper = np.full((side, side), 255, np.uint8)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path):
        paper[int(y), int(x)] = 0
    assert re.sub(r"M\d+ \d+h1v1h-1z", "", path) == ""
    assert (paper[:QUIET_ZONE] == 255).all()
    readers = (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco())
    shots = [cv2.resize(paper, None, fx=pixels, fy=pixels, interpolation=cv2.INTER_NEAREST) for pixels in (6, 8, 10, 5)]
    assert address in {reader.detectAndDecode(shot)[0] for shot in shots for reader in readers}
