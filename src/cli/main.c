/* parse -> plan -> run -> exit status */
#include "cli/args/options.h"
#include "cli/args/plan.h"
#include "cli/files/process.h"
#include "cli/msg.h"
#include "cli/run/batch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* What was printed must have arrived: a full disk or a closed stdout is a failure. Then a signal that came has its turn. */
static int close_stdout(int status)
{
    bool ok = fflush(stdout) == 0 && !ferror(stdout);
    int error = errno;
    process_end();
    if (ok)
        return status;
    msg_error(NULL, "standard output: %s", strerror(error));
    return EXIT_FAILED;
}

static int run(const struct options *options)
{
    struct why why = {0};
    struct plan plan;

    if (!plan_build(&plan, options, &why)) {
        msg_error(NULL, "%s", why.text);
        return close_stdout(EXIT_USAGE);
    }
    msg_notes(&plan.notes, NULL);
    bool ok = plan.dry_run ? plan_print(&plan, stdout) : batch_run(&plan);
    plan_free(&plan);
    return close_stdout(ok ? EXIT_DONE : EXIT_FAILED);
}

static int act(const struct options *options)
{
    enum action action = (enum action)options->action;
    if (action == ACTION_RUN)
        return run(options);
    if (action == ACTION_VERSION)
        options_print_version(stdout);
    else if (action == ACTION_HELP || action == ACTION_HELP_ALL)
        options_print_help(stdout, action == ACTION_HELP_ALL);
    else
        options_print_completions(stdout, action);
    return close_stdout(EXIT_DONE);
}

int main(int argc, char **argv)
{
    struct why why = {0};
    struct options options;
    int status = EXIT_USAGE;

    process_start();
    if (options_parse(&options, argc, argv, &why)) {
        msg_set_level(options.quiet ? MSG_QUIET : options.verbose ? MSG_VERBOSE : MSG_NORMAL);
        status = act(&options);
    } else {
        msg_error(NULL, "%s", why.text);
    }
    options_free(&options);
    return status;
}
