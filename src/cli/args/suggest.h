/* What may have been meant by a word that is no option. */
#ifndef ARGS_SUGGEST_H
#define ARGS_SUGGEST_H

#include "base/why.h"

/*
 * Says of a word such as "--gama=3" that it is no option, and which one may have been meant; or, if several options begin
 * so, which. Always false.
 */
bool suggest_option(const char *word, struct why *why);

#endif
