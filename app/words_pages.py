"""The words of the pages beside Ask, part of the one table in `app.words`: English and Chinese side by side."""

from collections.abc import Mapping

PAGES: Mapping[str, tuple[str, str]] = {
    # the door
    "password": ("Password", "密码"),
    "log in": ("Log in", "登录"),
    "log out": ("Log out", "退出登录"),
    "wrong password": ("This is not the password. Try again.", "密码不正确，请重试。"),
    "too many guesses": (
        "Too many wrong passwords. Wait half a minute, then try again.",
        "密码错误次数过多，请等半分钟再试。",
    ),
    "not invited": (
        "{who} is not among the people this page is open to. Ask whoever runs it, or log in as somebody else.",
        "{who} 不在本页面开放的名单中。请联系管理员，或换一个账号登录。",
    ),
    "read only": (
        "This page is read-only: sources can be looked at, not changed.",
        "本页面为只读：可以查看资料，不能改动。",
    ),
}
