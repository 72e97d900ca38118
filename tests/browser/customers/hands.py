"""What a person does with a page, counted."""


class Finger:
    """`taps` is how often something was touched; typing is not counted, sending it is."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, element):
        self.taps += 1
        element.click()

    def press(self, words):
        self.tap(self.page.get_by_role("button", name=words, exact=True))

    def follow(self, words):
        self.tap(self.page.get_by_role("link", name=words).first)


class Keyboard:
    """Tab, Enter and letters; a mouse there is none."""

    LONGEST_WAY = 80

    def __init__(self, page):
        self.page = page

    def to(self, element):
        """Tab until the cursor is there."""
        for _step in range(self.LONGEST_WAY):
            if element.evaluate("(it) => it === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no way to {element} by Tab")

    def enter(self, element):
        """Go there and press Enter; the next page is there afterwards."""
        self.to(element)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type(self, element, words):
        self.to(element)
        self.page.keyboard.type(words)
