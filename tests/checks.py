"""checks: counts what a test script checked and tells what failed. Its last line is what suite.py adds up."""
import re
import sys

LAST_LINE = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")
MAX_DETAIL_LINES = 40  # of one failure: enough to see it, not to drown the others


class Checks:
    """Checks of one script. Each check is a sentence that says what holds."""

    def __init__(self, name):
        self.name = name
        self.passed = self.failed = self.skipped = 0

    def expect(self, holds, sentence, detail=""):
        """Count one check; print the sentence and the detail when it does not hold. Returns whether it holds."""
        if holds:
            self.passed += 1
            return True
        self.failed += 1
        print(f"FAILED {self.name}: {sentence}")
        lines = str(detail).splitlines()
        for line in lines[:MAX_DETAIL_LINES]:
            print("    " + line)
        if len(lines) > MAX_DETAIL_LINES:
            print(f"    ({len(lines) - MAX_DETAIL_LINES} more lines)")
        return False

    def equal(self, found, wanted, sentence, detail=""):
        return self.expect(found == wanted, sentence, f"found  {found!r}\nwanted {wanted!r}\n{detail}".rstrip())

    def skip(self, sentence, why):
        self.skipped += 1
        print(f"skipped {self.name}: {sentence}: {why}")

    def finish(self):
        """Print the counts and return the script's exit code."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.name}: {self.passed} passed, {self.failed} failed{skipped}")
        sys.stdout.flush()
        return 1 if self.failed or not (self.passed or self.skipped) else 0
