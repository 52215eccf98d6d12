/*
 * What Debian 12's sparse does not know, before it sees Linux 7.3. It only
 * checks: what these stand for is never compiled.
 */
/* gcc 12 does not know it either; the kernel then uses __typeof__, but wants a sparse that does. */
#define __typeof_unqual__ __typeof__
/* MODULE_INFO() asserts that its string holds no NUL. */
#define __builtin_strlen(s) (sizeof(s) - 1)
