/*
 * program - does a jq program use what is off here?  Part of query.
 */
#ifndef JSON_PROGRAM_H
#define JSON_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * program_is_tame(program, line):
 * Does program call nothing that query.h says is off?  Follows jq's lexer (src/lexer.l of 1.6 to
 * 1.8): the words count where they call, not in strings, comments, fields (.input), variables
 * ($input) or as keys ({input: 1}).  Where only a parser could tell, it says no: a user's own
 * function of such a name is not told apart, nor is the key of {a: if . then 1 else 2 end, input}.
 * On false *line is the line of the word, from 1.  A string without an end is refused here too.
 */
bool program_is_tame(const char *program, size_t *line);

#endif
