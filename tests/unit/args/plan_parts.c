/* Stacks that are cut: which parts stay and which jobs are left, by the lists that are there. No picture is read. */
#include "command_line.h"
#include "folder.h"
#include "tensor_file.h"

static unsigned count_lines(const char *text)
{
    unsigned n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* Puts parts of x.npy: "0:a b;2:c" has two; a part whose number ends in ! has a list alone. */
static void put_parts(const char *parts)
{
    char *copy = strdup(parts), *rest = copy;
    for (char *part; (part = strsep(&rest, ";")) != NULL && *part;) {
        char *names, list[64], tensor[64];
        unsigned number = (unsigned)strtoul(part, &names, 10);
        bool alone = *names == '!';
        names += alone ? 2 : 1;
        size_t n = strlen(names);
        for (char *blank = names; (blank = strchr(blank, ' ')) != NULL;)
            *blank = '\n';
        names[n] = '\n'; /* where the part ended */
        char *text = strndup(names, n + 1);
        snprintf(list, sizeof list, "x-%05u.txt", number);
        snprintf(tensor, sizeof tensor, "x-%05u.npy", number);
        put_file(list, text);
        if (!alone)
            put_tensor(tensor, count_lines(text));
        free(text);
    }
    free(copy);
}

/* In letters what becomes of each input: it is skipped, or read, with what its first sample has for a number. */
static void say(const struct plan *plan, char *to, size_t size)
{
    size_t at = 0;
    to[0] = '\0';
    for (size_t i = 0; i < plan->n; i++) {
        const struct job *job = &plan->job[i];
        at += (size_t)snprintf(to + at, size - at, "%s%s", i > 0 ? " " : "", job->skip ? "skip" : "read");
        if (job->samples > 0)
            at += (size_t)snprintf(to + at, size - at, ":%zu+%zu", job->sample, job->samples);
    }
}

static const struct {
    const char *parts, *words, *jobs; /* NULL: it is refused */
} rows[] = {
    {"", "a b c", "read read read"},
    {"0:a b;", "a b c", "skip:0+1 skip:1+1 read"},
    {"1:c;", "a b c", "read read skip:2+1"},
    {"0:a b;1:c;", "a b c", "skip:0+1 skip:1+1 skip:2+1"},
    {"0:a b;2:e f;", "a b c d e f g", "skip:0+1 skip:1+1 read read skip:4+1 skip:5+1 read"},
    /* inputs of several samples */
    {"0:a b[0];", "a b c", "skip:0+1 read:1+1 read"},
    {"0:a b[0];1:b[1] b[2];", "a b c", "skip:0+1 read:1+3 read"},
    {"0:a b[0];1:b[1] c;", "a b c", "skip:0+1 skip:1+2 skip:3+1"},
    {"0:a b[0];2:b[3] c;", "a b c", "skip:0+1 read:1+2 skip:5+1"},
    {"1:b[1] b[2];", "a b c", "read read:1+2 read"},
    {"1:b[1] c;", "a b c d", "read read:1+1 skip:3+1 read"},
    {"0:a[0] a[1];1:a[2];", "a", "skip:0+3"},
    {"0:a[0] a[1];", "a", "read:0+2"},
    {"1:a[2] a[3];", "a", "read:0+2"},
    {"0:a[0] a[1];1:a b;", "a a b", "skip:0+2 skip:2+1 skip:3+1"},
    {"0:a[0] a[2];", "a b", NULL},
    {"0:a[1] b;", "a b", NULL},
    {"0:a b[1];", "a b", NULL},
    {"0:a b[0];2:b[2] c;", "a b c", NULL},
    {"1:b[5] c;", "a b c", NULL},
    /* other runs */
    {"0:b a;", "a b c", NULL},
    {"0:a c;", "a b c", NULL},
    {"0:a x;", "a b c", NULL},
    {"0:a;", "a b", NULL},
    {"0:a b c;", "a b c", NULL},
    {"0:a;1:b c;", "a b c", NULL},
    {"0:a b;1:c;", "a b", NULL},
    {"0:a b;1:b c;", "a b c d", NULL},
    {"3:a b;", "a b", NULL},
    {"1:b c;", "a b c", "read skip:2+1 skip:3+1"},
    {"1:d e;", "a b c d e", NULL},
    {"0:a b;2:c;", "a b c", NULL},
    {"0:a b[0];2:c;", "a b c", "skip:0+1 read:1+1 skip:4+1"},
    /* a list alone */
    {"0:a b;1!:c d;", "a b c d", "skip:0+1 skip:1+1 read read"},
    {"1!:c d;2:e;", "a b c d e", "read read read read skip:4+1"},
    {"1!:c[2];", "a b c d e", NULL},
    {"1!:a[2];", "a b c d e", "read read read read read"},
    {"0:a b;1!:d;", "a b c d", NULL},
    {"1!:x;", "a b c d", NULL},
    /* inputs that were left out */
    {"0:a c;1:d;", "--skip-failed a b c d e", "skip:0+1 read skip:1+1 skip:2+1 read"},
    {"1:d e;", "--skip-failed a b c d e", "read read read skip:2+1 skip:3+1"},
    {"0:a c;1:b d;", "--skip-failed a b c d", NULL},
    {"0:a x;", "--skip-failed a b", NULL},
    {"0:a b[0];1:d;", "--skip-failed a b c d", "skip:0+1 skip:1+1 read skip:2+1"},
    /* the same input again, and names that look like samples */
    {"0:a a;2:a;", "a a a a a", "skip:0+1 skip:1+1 read read skip:4+1"},
    {"0:a a[0];1:b;", "a a[0] b", "skip:0+1 skip:1+1 skip:2+1"},
    {"0:a[0] a[1];1:b;", "a[0] a[1] b", "skip:0+1 skip:1+1 skip:2+1"},
    {"0:a[1]x b;", "a b", NULL},
    {"0:a[] b;", "a b", NULL},
    {"0:a[9999999999999999999] b;", "a b", NULL},
};

START_TEST(parts_stay_whose_lists_are_those_of_the_run)
{
    struct command_line line;
    struct plan plan;
    char words[160], jobs[256];
    put_parts(rows[_i].parts);
    snprintf(words, sizeof words, "-n --per-file 2 -o x.npy %s", rows[_i].words);
    begin_command_line(&line, words);
    ck_assert_msg(line.ok, "%s: %s", words, line.why.text);
    bool ok = plan_build(&plan, &line.options, &line.why);
    ck_assert_msg(ok == (rows[_i].jobs != NULL), "%s %s: %s", rows[_i].parts, words, line.why.text);
    if (ok) {
        say(&plan, jobs, sizeof jobs);
        ck_assert_str_eq(jobs, rows[_i].jobs);
        ck_assert(plan.stacked && plan.writing.guarded && !plan.writing.no_clobber);
        plan_free(&plan);
    } else {
        ck_assert_msg(strstr(line.why.text, "x-0000"), "%s", line.why.text);
    }
    end_command_line(&line);
}
END_TEST

static const struct {
    const char *words, *names; /* what the message names; NULL: it is no error */
} refused[] = {
    {"-o x.npy a", "x-00001.npy"},
    {"--force -o x.npy a", NULL},
    {"-o y.npy a", NULL},
    {"-o x.npy -n a", "x-00001.txt"},
    {"-o y.npy --save-stats y-00000.txt a", "y-00000.txt"},
    {"-o y.npy --lut y-00012.npy a", "y-00012.npy"},
    {"-o y.npy --report y.npy a", NULL},
    {"--force -o x.npy a x-00001.npy", "x-00001.npy"},
    {"--force -o x.npy a x-00001.txt", "x-00001.txt"},
    {"--force -o ./x.npy -s x-00001.npy a", "x-00001.npy"},
    {"--force -o x.npy x-00003.npy", NULL},
    {"-o y.npy y.npy", NULL},
    {"-o y.png a", "y.png"},
    {"-o y a", "y"},
    {"-o y -f npy a", NULL},
    {"-o y.txt -f npy a", "y.txt"},
    {"-o y/ -f npy a", "y/"},
    {"-o . -f npy a", "."},
    {"-o - -f npy a", "-"},
    {"-o /dev/stdout -f npy a", "-"},
    {"-o /dev/null -f npy a", "/dev/null"},
};

START_TEST(what_cannot_be_cut_is_refused)
{
    struct command_line line;
    struct plan plan;
    char words[160];
    put_parts("1:b c;");
    put_tensor("y.npy", 3);
    snprintf(words, sizeof words, "--per-file 2 %s", refused[_i].words);
    begin_command_line(&line, words);
    ck_assert_msg(line.ok || strstr(line.why.text, "jansson"), "%s: %s", words, line.why.text);
    bool ok = line.ok && plan_build(&plan, &line.options, &line.why);
    if (line.ok)
        ck_assert_msg(ok == !refused[_i].names, "%s: %s", words, line.why.text);
    if (ok)
        plan_free(&plan);
    else if (line.ok)
        ck_assert_msg(strstr(line.why.text, refused[_i].names), "%s", line.why.text);
    end_command_line(&line);
}
END_TEST

/* What --dry-run prints. */
START_TEST(parts_are_named_by_a_plan)
{
    struct planned p;
    char *text = NULL;
    size_t n;
    put_tensor("t.npy", 4);
    put_parts("0:a t.npy[0];");
    begin_planned(&p, "-n --per-file 2 -o x.npy a t.npy b");
    FILE *to = open_memstream(&text, &n);
    ck_assert(to && plan_print(&p.plan, to) && fclose(to) == 0);
    ck_assert_str_eq(text, "'a' keeps 'x-00000.npy'\n't.npy' -> 'x-00000.npy' to 'x-00002.npy'\n'b' -> 'x-00002.npy'\n");
    free(text);
    end_planned(&p);
}
END_TEST

SUITE(plan_parts)
{
    TCase *parts = tcase_create("plan_parts");
    tcase_add_checked_fixture(parts, enter_folder, leave_folder);
    tcase_add_loop_test(parts, parts_stay_whose_lists_are_those_of_the_run, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(parts, what_cannot_be_cut_is_refused, 0, sizeof refused / sizeof *refused);
    tcase_add_test(parts, parts_are_named_by_a_plan);
    suite_add_tcase(suite, parts);
}
