"""Prints the system call filter of docs/seccomp.json for x86-64 as the kernel takes it, for bwrap's --seccomp.

usage: seccomp_filter.py PROFILE >FILTER

Only the first group is allowed, that of trm itself. All other calls kill the process, where the profile lets them fail: a
program that goes on without a call would hide that the list is short of it.
"""

import json
import re
import struct
import sys

UNISTD = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"
AUDIT_ARCH_X86_64 = 0xC000003E
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # instructions of classic BPF; linux/filter.h
ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000  # linux/seccomp.h
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data


def main(profile):
    numbers = dict(re.findall(r"#define __NR_(\w+) (\d+)", open(UNISTD).read()))
    with open(profile) as file:
        names = json.load(file)["syscalls"][0]["names"]
    known = [int(numbers[name]) for name in names if name in numbers]  # others are of other processors
    program = [(LOAD, 0, 0, ARCHITECTURE), (JUMP_IF_EQUAL, 1, 0, AUDIT_ARCH_X86_64), (RETURN, 0, 0, KILL_PROCESS),
               (LOAD, 0, 0, NUMBER)]
    program += [(JUMP_IF_EQUAL, len(known) - i, 0, number) for i, number in enumerate(known)]
    program += [(RETURN, 0, 0, KILL_PROCESS), (RETURN, 0, 0, ALLOW)]
    sys.stdout.buffer.write(b"".join(struct.pack("<HBBI", *instruction) for instruction in program))


main(sys.argv[1])
