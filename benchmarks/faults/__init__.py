"""Faults that the field reports, tried on the program: damage, kills, full disks, low memory.

    python -m benchmarks.faults                        all of them; an hour, on Linux
    python -m benchmarks.faults --only tiff camera     some classes; see `classes`
    python -m benchmarks.faults --tries 20 --seed 1    fewer, others
    python -m benchmarks.faults --sentences            with what was refused, and how it was said

It prints a table, and names what went wrong; the exit code is 1 if anything did. As root it fills
disks of its own (tmpfs) and tries permissions as another user; else it limits the size of files.

How a try ends:

- right: the result is as it is without the fault, or of what the file holds;
- sentence: exit code 2 and a sentence;
- another file: the damage makes a file that somebody may have meant, such as one with another digit
  in a text, or another byte in a map that has no checksum, and the result is of that;
- wrong: exit code 0, and another result. A flipped byte of pixels is another pixel, which no reader
  can tell: only other pixels than those whose bytes were flipped count, other shapes, lost planes;
- traceback: also a crash, and any exit code that is neither 0 nor 2;
- hang: longer than 60 s, or 10 s for a sentence on a file that asks for gigabytes;
- left behind: hidden or half files where nobody asked for any.
"""
