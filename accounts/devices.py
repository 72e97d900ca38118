"""What a browser says of itself, in two words that its owner knows again: `iPhone · Safari`."""

# The first that is found counts: browsers name those before them, and devices the systems under theirs.
DEVICES = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "Chromebook",
    "Macintosh": "Mac",
    "Linux": "Linux",
}
BROWSERS = {
    "KAKAOTALK": "KakaoTalk",
    "NAVER(": "NAVER",
    "Instagram": "Instagram",
    "SamsungBrowser/": "Samsung Internet",
    "Whale/": "Whale",
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}


def device_of(user_agent: str) -> str:
    """Names of products, the same in every language; empty for what nobody would know again."""
    found = (next((name for mark, name in names.items() if mark in user_agent), None) for names in (DEVICES, BROWSERS))
    return " · ".join(name for name in found if name)
