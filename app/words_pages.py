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
    # sources: ways in
    "way": ("Add", "添加方式"),
    "way files": ("Files", "文件"),
    "way folder": ("A folder", "文件夹"),
    "way addresses": ("Web addresses", "网址"),
    "way list": ("A whole site", "整个网站"),
    "folder": ("A folder of your own: choose it or drop it here", "选择文件夹，或把它拖到这里"),
    "addresses only": ("Web addresses", "网址"),
    "addresses only help": ("One a line", "每行一个"),
    "list kind": ("What the address is", "这个地址是"),
    "list sitemap": ("a sitemap", "网站地图"),
    "list feed": ("a feed (RSS, Atom)", "订阅源（RSS、Atom）"),
    "list crawl": ("a page to start from", "起始页"),
    "list address": ("Address", "地址"),
    "list most": ("Pages at most", "最多页数"),
    # sources: the list
    "view of": ("Show", "查看"),
    "view pages": ("Sources", "资料"),
    "view search": ("Try a search", "试搜"),
    "view builds": ("Builds", "版本"),
    "fetched": ("fetched {at}", "读取于 {at}"),
    "fetch again": ("Fetch again", "重新读取"),
    "standing": ("Only", "只看"),
    "standing there": ("in the index", "已入库"),
    "standing empty": ("no text to search", "没有可检索的文字"),
    "standing kept": ("kept as it was: fetching again failed", "保留旧版：重新读取失败"),
    "standing failed": ("not added", "未能添加"),
    # sources: what was extracted
    "preview": ("What was read", "读到的内容"),
    "made characters": ("{count} characters", "{count} 字符"),
    "made body": ("article: {share}", "正文占 {share}"),
    "made median": ("median chunk: {size} characters", "分段长度中位数：{size} 字符"),
    "key chunk": ("a chunk: what can be found and quoted", "分段：可被检索和引用"),
    "key furniture": ("set aside: menus, adverts, related posts", "已剔除：菜单、广告、相关推荐"),
    "chunk is": (
        "Chunk {number}: characters {start}–{end}, {size} of them",
        "第 {number} 段：第 {start}–{end} 字符，共 {size} 个",
    ),
    # sources: a search
    "search lead": (
        "What a question would find, before anything is read or written. A search by meaning and one by words are "
        "fused into one ranking.",
        "提问时会先找到什么。按语义和按词语的两路检索合成一个排名。",
    ),
    "search here": ("Search the index", "在索引中搜索"),
    "search nothing": ("Nothing is found: this index is empty.", "没有找到：这个索引是空的。"),
    "search took": ("Both searches: {milliseconds} ms", "两路检索共 {milliseconds} 毫秒"),
    "leg fused": ("Fused", "合并"),
    "leg fused is": ("what a question sees", "提问时看到的排名"),
    "leg dense": ("By meaning", "按语义"),
    "leg dense is": ("cosine of the vectors", "向量余弦"),
    "leg text": ("By words", "按词语"),
    "leg text is": ("BM25", "BM25"),
    # sources: builds
    "builds lead": (
        "A rebuild makes a new build beside the one in use. Older ones are kept to go back to.",
        "重建会在当前版本之外生成新版本，旧版本保留以便回退。",
    ),
    "builds one": ("There is one build, so there is nothing to go back to.", "只有一个版本，无可回退。"),
    "builds how": (
        "A rebuild makes another: python -m indexes.build folder --folder PATH --index {name}",
        "重建可生成新版本：python -m indexes.build folder --folder 路径 --index {name}",
    ),
    "build current": ("in use", "使用中"),
    "build older": ("kept", "保留"),
    "build staged": ("being made, or broken off", "制作中或已中断"),
    "build holds": ("{pages} pages, {chunks} chunks", "{pages} 页，{chunks} 段"),
    "go back": ("Go back to it", "回退到此版本"),
    "going back": ("Use this build again?", "重新使用这个版本？"),
    "going back what": (
        "The next question is answered from it. What was added by hand since it was made is in the newer build only, "
        "which is kept.",
        "下一个问题起按它回答。此后手动添加的内容只在较新的版本里，该版本会保留。",
    ),
    "stay": ("Stay", "不回退"),
}
