# SPDX-License-Identifier: GPL-2.0
# Put a call of relay_step, which preserves everything, before each instruction
# of a compiled function.
/^\t[a-z]/ { print "\tcall\trelay_step" }
{ print }
