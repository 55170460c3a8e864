/*
 * likely - which way a branch goes, said where it pays: in what runs for each byte, value or event.
 *
 * The compiler lays the code of the other way apart, as it does with calls of cold functions.
 */
#ifndef BASE_LIKELY_H
#define BASE_LIKELY_H

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#endif
