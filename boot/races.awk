# races.awk: a kernel's console without the titles of the KCSAN reports that are not
# ours. KCSAN finds races all over Linux. One is ours when one of the two accesses is
# in our code, or when both are made for us: when relay is in both stacks. In one
# stack alone it is that of somebody who called what races with itself. A line with an
# offset is of a stack; the name of the task is no sign, our programs have it too.
# What an interrupt came upon stands below its entry, and is not its caller.
/BUG: KCSAN:/ { title = $0; ours = /relay|rchan/; stacks = named = 0; next }
title && / (to|at|of|from) .* by (task|interrupt)/ { stacks++; found = interrupted = 0 }
title && /\+0x.*\/0x/ {
	interrupted = interrupted || / asm_/
	if (!interrupted && !found && /relay|rchan/) {
		found = 1
		named++
	}
}
title && /=====/ { finish() }
{ print }
END { finish() }

function finish()
{
	if (title && (ours || (named && named == stacks)))
		print title
	title = ""
}
