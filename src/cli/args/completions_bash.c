#include "cli/args/completions.h"

#include <stdbool.h>

static const char before[] = "# bash completion for instnorm-cli, made by \"instnorm-cli --completions bash\"\n"
                             "\n"
                             "# Words come off the line, for bash has them parted at = and : too.\n"
                             "_instnorm_cli()\n"
                             "{\n"
                             "    local line=${COMP_LINE:0:COMP_POINT} typed last option value word words=() files=\n"
                             "    read -ra typed <<<\"$line\"\n"
                             "    [[ $line != *[[:blank:]] ]] || typed+=('')\n"
                             "    last=$((${#typed[@]} - 1))\n"
                             "    option=${typed[last - 1]} value=${typed[last]}\n"
                             "    if [[ \" ${typed[*]:1:last-1} \" == *' -- '* ]]; then\n"
                             "        option=--\n"
                             "    elif [[ $value == --*=* ]]; then\n"
                             "        option=${value%%=*}= value=${value#*=}\n"
                             "    fi\n"
                             "    case $option in\n"
                             "    --) files=yes ;;\n";

static const char between[] = "    *)\n"
                              "        if [[ $value != -* ]]; then\n"
                              "            files=yes\n"
                              "        else\n"
                              "            words=(\n";

static const char after[] = "            )\n"
                            "        fi\n"
                            "        ;;\n"
                            "    esac\n"
                            "    COMPREPLY=()\n"
                            "    for word in \"${words[@]}\"; do\n"
                            "        # What follows a colon is not known here.\n"
                            "        [[ $value == *:* || $word != \"$value\"* ]] || COMPREPLY+=(\"$word\")\n"
                            "    done\n"
                            "    if [[ $files && ${#COMPREPLY[@]} -eq 0 ]]; then\n"
                            "        compopt -o default\n"
                            "    elif [[ $files ]]; then\n"
                            "        mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -X '.*' -- \"$value\")\n"
                            "    fi\n"
                            "    [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *: ]] || compopt -o nospace\n"
                            "}\n"
                            "\n"
                            "complete -F _instnorm_cli instnorm-cli\n";

/* A branch of the case: what the value of the option may be. */
static void put_value(FILE *to, const struct option_row *row)
{
    fprintf(to, "    --%s=", row->name);
    if (needs_value(row))
        fprintf(to, " | --%s", row->name);
    if (needs_value(row) && row->letter)
        fprintf(to, " | -%c", row->letter);
    fputs(")", to);
    for (size_t i = 0; option_word(row, i); i++) {
        fputs(i == 0 ? " words=('" : " '", to);
        put_part(to, part_of(option_word(row, i)), "");
        fputs(option_word(row, i + 1) ? "'" : "')", to);
    }
    fputs(option_takes_path(row) ? " files=yes ;;\n" : " ;;\n", to);
}

void completions_bash(FILE *to, const struct option_row *table, size_t rows)
{
    fputs(before, to);
    for (size_t i = 0; i < rows; i++)
        if (table[i].name && table[i].argument)
            put_value(to, &table[i]);
    fputs(between, to);
    for (size_t i = 0; i < rows; i++) {
        if (table[i].letter)
            fprintf(to, "                -%c --%s\n", table[i].letter, table[i].name);
        else if (table[i].name)
            fprintf(to, "                --%s\n", table[i].name);
    }
    fputs(after, to);
}
