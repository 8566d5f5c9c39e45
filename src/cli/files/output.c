#include "cli/files/output.h"

#include <errno.h>
#include <string.h>

/* What the format cannot hold of the metadata. */
static void on_dropped(void *context, const char *what)
{
    const struct output *out = context;
    notes_add(out->notes, NOTE_VERBOSE, NULL, "%s cannot hold %s", out->codec->name, what);
}

static void on_chosen(void *context, int quality)
{
    struct output *out = context;
    if (!out->chosen && out->how.quality == QUALITY_KEEP)
        notes_add(out->notes, NOTE_WARNING, NULL, "its quality cannot be kept: %s of quality %d", out->codec->name,
                  quality);
    else if (!out->chosen)
        notes_add(out->notes, NOTE_VERBOSE, NULL, "%s of quality %d", out->codec->name, quality);
    out->chosen = true;
}

static bool is_picture(const unsigned char *head, size_t n)
{
    const struct codec *codec = codec_sniff(head, n);
    const struct foreign *foreign = codec ? NULL : foreign_sniff(head, n);
    return codec ? !codec->tensor : foreign && foreign->kind == FOREIGN_PICTURE;
}

static bool is_tensor(const unsigned char *head, size_t n)
{
    const struct codec *codec = codec_sniff(head, n);
    return codec && codec->tensor;
}

bool output_open(struct output *out, const char *path, const struct codec *codec, const struct stat *like,
                 const struct writing *how, struct temporaries *temporaries, struct why *why)
{
    *out = (struct output){.codec = codec, .how = how->codec, .strip = how->strip};
    out->keeps_times = how->keep_times && like && S_ISREG(like->st_mode);
    if (out->keeps_times) {
        out->times[0] = like->st_atim;
        out->times[1] = like->st_mtim;
    }
    out->how.listener = (struct write_listener){.context = out, .dropped = on_dropped, .chose = on_chosen};
    if (!codec->create)
        return why_set(why, "%s cannot be written: see --format", codec->name);
    struct file_rules rules = {.like = like,
                               .no_clobber = how->no_clobber,
                               .guarded = how->guarded,
                               .seeks = codec->seeks || how->may_fail,
                               .kind = codec->tensor ? "is not an .npy file" : "is not a picture",
                               .is_kind = codec->tensor ? is_tensor : is_picture};
    if (how->in_place || how->force)
        rules.is_kind = NULL;
    if (how->make_folders && !file_make_parent(path, why))
        return false;
    out->open = file_create(&out->sink, path, &rules, temporaries, why);
    if (out->open && how->in_place)
        file_replaces(&out->sink, like);
    return out->open;
}

bool output_begin(struct output *out, const struct picture_info *info, struct notes *notes, struct why *why)
{
    out->notes = notes;
    if (out->pictures == 0)
        out->stored = info->stored;
    if (out->pictures++ > 0 && !out->codec->many)
        return why_set(why, "it holds several pictures, but %s holds one", out->codec->name);
    if (!out->writer)
        out->writer = out->codec->create(&out->sink.base, &out->how, why);
    struct picture_info as = *info;
    if (out->codec->tensor)
        as.stored = out->stored;
    if (out->strip)
        as.metadata = NULL;
    return out->writer && out->codec->begin(out->writer, &as, why);
}

bool output_write(struct output *out, const struct rows *rows, struct why *why)
{
    return out->codec->write(out->writer, rows, why);
}

/* After the last write. The file is complete without them, too. */
static void keep_times(const struct output *out, struct notes *notes)
{
    if (futimens(out->sink.fd, out->times) != 0)
        notes_add(notes, NOTE_WARNING, NULL, "the times of its output cannot be set: %s", strerror(errno));
}

bool output_commit(struct output *out, struct file_sink *sealed, struct notes *notes, struct why *why)
{
    void *writer = out->writer;
    out->notes = notes;
    out->writer = NULL;
    if (!writer || !out->codec->finish(writer, why)) {
        output_discard(out);
        return writer ? false : why_set(why, "no picture to write");
    }
    out->open = false;
    bool named = out->sink.temporary != NULL;
    if (sealed)
        *sealed = (struct file_sink){.fd = -1};
    if (!file_seal(&out->sink, why))
        return false;
    if (named && out->keeps_times)
        keep_times(out, notes);
    if (!sealed || !named)
        return file_place(&out->sink, false, why);
    *sealed = out->sink;
    return true;
}

void output_discard(struct output *out)
{
    if (out->writer)
        out->codec->abandon(out->writer);
    out->writer = NULL;
    if (out->open)
        file_discard(&out->sink);
    out->open = false;
}
