#!/usr/bin/python3
"""partial.py TREE FILE: write a Makefile or a Kconfig of TREE as it is while not all
of its objects and sources are there: a commit of a series builds what it brings."""
import os, re, sys


def there(path, kbuild):
    """Is there what a word of a Makefile in directory @path stands for?"""
    def look(word):
        if word.endswith("/"):
            return os.path.isdir(os.path.join(path, word))
        name = re.sub(r"\.o$", "", word)
        return f"\n{name}-y" in kbuild or os.path.exists(os.path.join(path, name + ".c"))
    return look


def makefile(text, path):
    look = there(path, text)
    for line in text.splitlines():
        head = re.match(r"(CFLAGS_REMOVE_(\S+)|(?!ccflags)[\w-]*(?:-y|-\$\(\w+\)) *[:+]?=)", line)
        if not head:
            yield line
        elif head[2]:
            if look(head[2]):
                yield line
        elif words := [word for word in line[head.end():].split() if look(word)]:
            yield f"{head[0]} {' '.join(words)}"


def kconfig(text, tree):
    for line in text.splitlines():
        source = re.match(r'source "(.*)"', line)
        if not source or os.path.exists(os.path.join(tree, source[1])):
            yield line


def main(tree, name):
    path = os.path.join(tree, name)
    with open(path) as file:
        text = file.read()
    lines = (makefile(text, os.path.dirname(path)) if path.endswith("Makefile") else
             kconfig(text, tree))
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


main(*sys.argv[1:])
