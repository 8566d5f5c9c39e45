/* Runs the unit tests. CK_RUN_SUITE=name picks one suite, CK_FORK=no keeps all in one process for a debugger. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct suite *first, **end = &first;

void add_suite(struct suite *suite)
{
    *end = suite;
    end = &suite->next;
}

bool tests_have_processes(const char *left_out)
{
    const char *fork = getenv("CK_FORK");
    bool none = fork && strcmp(fork, "no") == 0;
    if (none)
        printf("left out, as they need a process for each test: %s\n", left_out);
    return !none;
}

int main(void)
{
    SRunner *runner = srunner_create(NULL);
    setenv("CK_DEFAULT_TIMEOUT", "60", 0); /* Check's own 4 s are short on a busy machine */
    for (const struct suite *s = first; s; s = s->next) {
        Suite *suite = suite_create(s->name);
        s->fill(suite);
        srunner_add_suite(runner, suite);
    }
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner), run = srunner_ntests_run(runner);
    srunner_free(runner);
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
