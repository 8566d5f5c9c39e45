#include "cli/run/stack.h"

bool stack_open(struct stack *s, const char *path, const struct codec *codec, const char *input, const struct writing *how,
                struct why *why)
{
    struct stat like;
    struct file_sink sink;
    bool known = file_stat(input, &like);
    if (!output_create(&sink, path, codec, known ? &like : NULL, how, &s->temporaries, why))
        return false;
    output_open(&s->output, &sink, codec, how);
    return true;
}

bool stack_begin(struct stack *s, const struct picture_info *info, struct notes *notes, struct why *why)
{
    notes_move(notes, &s->temporaries.notes);
    bool ok = output_begin(&s->output, info, notes, why);
    s->begun |= ok;
    return ok;
}

bool stack_write(struct stack *s, const struct rows *rows, struct why *why)
{
    return output_write(&s->output, rows, why);
}

void stack_end_job(struct stack *s, bool failed)
{
    s->broken |= s->begun && failed;
    s->begun = false;
}

bool stack_commit(struct stack *s, struct notes *notes, struct why *why)
{
    struct file_sink sink;
    if (!output_complete(&s->output, &sink, notes, why))
        return false;
    return !sink.named || (file_seal(&sink, notes, why) && file_place(&sink, false, why));
}

void stack_free(struct stack *s)
{
    output_discard(&s->output);
    temporaries_free(&s->temporaries);
    *s = (struct stack){0};
}
