/* What --help, --help=all and --version print. */
#include "cli/args/table.h"
#include "cli/files/sandbox.h"
#include "cli/files/tar.h"
#include "cli/report/reports.h"
#include "cli/report/stats_file.h"

#include <string.h>

static const char usage[] = "Usage: instnorm-cli [OPTION]... INPUT OUTPUT\n"
                            "       instnorm-cli [OPTION]... -o PATH INPUT...\n"
                            "       instnorm-cli [OPTION]... --in-place FILE...\n"
                            "       instnorm-cli --stats [OPTION]... INPUT...\n"
                            "Gives pictures the mean and contrast you ask for, channel by channel.\n"
                            "  instnorm-cli in.png out.png                    mid grey, even contrast\n"
                            "  instnorm-cli in.jpg out.jpg -N layer -g 0.2    the same, hues kept\n"
                            "  instnorm-cli -S lab -s sea.jpg -o out/ *.jpg   the colours of another picture\n";

static const char words[] = "An INPUT may be a tar archive: its pictures are changed, all else is copied.\n"
                            "LIST is a number, a fraction (64/255) or keep, the input's own; or, with commas,\n"
                            "one for each channel. Samples go from 0 to 1, the lightness of lab to 100.\n"
                            "SEL selects pixels; if the option is repeated, the weights are multiplied. It is\n"
                            "  PICTURE    grey, white selects; or a folder of them, named as the inputs\n"
                            "  below:L    pixels with a lightness below L, or above:L; L is from 0 to 1\n"
                            "  not:V      pixels that do not have the value V, which means no data\n"
                            "  same, all  --apply-mask: where --mask selects; others: transparent pixels too\n";

static const char ending[] = "- is stdin or stdout. Exit status: 0 all outputs are complete; 1 a file failed,\n"
                             "the others are complete; 2 wrong usage. Manual page: instnorm-cli(1).\n";

/* What --help shows of the table; --help=all shows all of it. */
static const char brief[] =
    " gamma beta style strength norm space channels mask apply-mask output quality no-clobber in-place "
    "stats recursive verbose help version ";

static bool is_brief(const struct option_row *row)
{
    char word[32];
    snprintf(word, sizeof word, " %s ", row->name);
    return strstr(brief, word) != NULL;
}

static void print_row(FILE *to, const struct option_row *row)
{
    char left[40];
    int n = row->letter ? snprintf(left, sizeof left, "-%c, ", row->letter) : snprintf(left, sizeof left, "    ");
    bool spaced = row->argument && row->argument[0] != '[';
    snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", row->name, spaced ? " " : "",
             row->argument ? row->argument : "");
    fprintf(to, "  %-22s ", left);
    for (const char *line = row->help; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        fprintf(to, "%*s%.*s\n", line == row->help ? 0 : 25, "", (int)strcspn(line, "\n"), line);
}

void options_print_help(FILE *to, bool all)
{
    fputs(usage, to);
    fputs(all ? "" : "The options that most people need:\n", to);
    for (size_t i = 0; i < option_rows; i++)
        if (all && !option_table[i].name)
            fprintf(to, "%s:\n", option_table[i].help);
        else if (option_table[i].name && (all || is_brief(&option_table[i])))
            print_row(to, &option_table[i]);
    fputs(all ? words : "--help=all explains LIST, SEL and all other options.\n", to);
    fputs(ending, to);
}

void options_print_version(FILE *to)
{
    fprintf(to, "instnorm-cli %s\nFormats:\n", instnorm_version());
    for (size_t i = 0; codecs[i]; i++)
        fprintf(to, "  %-6s %-20s %-14s %.*s\n", codecs[i]->name, codecs[i]->library(),
                codecs[i]->create ? "read and write" : "read", (int)strlen(codecs[i]->extensions) - 2,
                codecs[i]->extensions + 1);
    if (reports_json())
        fprintf(to, "  %-6s %-20s statistics files and --json\n", "json", reports_json()->name);
    if (tar_library())
        fprintf(to, "  %-6s %-20s archives of pictures\n", "tar", tar_library());
    fprintf(to, "Sandbox: %s\n", sandbox_describe());
}
