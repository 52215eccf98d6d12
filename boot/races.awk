# races.awk: a kernel's console without the titles of the KCSAN reports that are not
# ours. KCSAN finds races all over Linux. One is ours when the function that makes one
# of the two accesses is, by its name or its module; a helper that works on the memory
# of its caller stands for that caller. A function that our code calls, such as
# queue_work_on(), races with its own kind, whoever calls it.
/BUG: KCSAN:/ { title = $0; ours = 0; next }
title && / (to|at|of|from) .* by (task|interrupt)/ { found = 0 }
title && !found && /\+0x.*\/0x/ && !/ (mem|str|crc32|list_|__list_|_?copy_|__?copy_|sort)[a-z0-9_]*\+0x/ {
	found = 1
	ours = ours || /relay|rchan/
}
title && /=====/ { finish() }
{ print }
END { finish() }

function finish()
{
	if (title && ours)
		print title
	title = ""
}
