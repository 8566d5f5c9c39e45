#include "cli/files/output.h"

#include "cli/files/tar.h"

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

static bool is_archive(const unsigned char *head, size_t n)
{
    return tar_sniff(head, n) || tar_sniff_empty(head, n);
}

bool output_create(struct file_sink *sink, const char *path, const struct codec *codec, const struct stat *like,
                   const struct writing *how, struct temporaries *temporaries, struct why *why)
{
    *sink = (struct file_sink){.fd = -1, .target = -1};
    if (codec && !codec->create)
        return why_set(why, "%s cannot be written: see --format", codec->name);
    struct file_rules rules = {.like = like,
                               .no_clobber = how->no_clobber,
                               .guarded = how->guarded,
                               .seeks = (codec && codec->seeks) || how->may_fail,
                               .kind = !codec          ? "is not a tar archive"
                                       : codec->tensor ? "is not an .npy file"
                                                       : "is not a picture",
                               .is_kind = !codec          ? is_archive
                                          : codec->tensor ? is_tensor
                                                          : is_picture};
    if (how->in_place || how->force)
        rules.is_kind = NULL;
    if ((how->make_folders && !file_make_parent(path, why)) || !file_create(sink, path, &rules, temporaries, why))
        return false;
    if (how->in_place)
        file_replaces(sink, like);
    if (how->keep_times && like)
        file_keeps_times(sink, like);
    return true;
}

void output_open(struct output *out, const struct file_sink *sink, const struct codec *codec, const struct writing *how)
{
    *out = (struct output){.sink = *sink, .codec = codec, .how = how->codec, .strip = how->strip, .open = true};
    out->how.listener = (struct write_listener){.context = out, .dropped = on_dropped, .chose = on_chosen};
}

/* What a codec says of the sink is of the output, whose name the sink has. */
static bool tell(const struct output *out, bool ok, struct why *why)
{
    const char *reason = out->sink.base.why.text;
    if (ok || !reason[0])
        return ok;
    *why = (struct why){0};
    return file_output_failed(out->sink.name, reason, why);
}

bool output_begin(struct output *out, const struct picture_info *info, struct notes *notes, struct why *why)
{
    out->notes = notes;
    if (out->pictures++ > 0 && !out->codec->many)
        return why_set(why, "it holds several pictures, but %s holds one", out->codec->name);
    if (!out->writer)
        out->writer = out->codec->create(&out->sink.base, &out->how, why);
    struct picture_info as = *info;
    if (out->strip)
        as.metadata = NULL;
    return tell(out, out->writer && out->codec->begin(out->writer, &as, why), why);
}

bool output_write(struct output *out, const struct rows *rows, struct why *why)
{
    return tell(out, out->codec->write(out->writer, rows, why), why);
}

bool output_finish(struct output *out, struct notes *notes, struct why *why)
{
    void *writer = out->writer;
    out->notes = notes;
    out->writer = NULL;
    return writer ? tell(out, out->codec->finish(writer, why), why) : why_set(why, "no picture to write");
}

size_t output_hold_most(uint64_t memory)
{
    enum { MOST = 32 << 20 }; /* beside the budget, as all working buffers */
    return memory / 4 < MOST ? (size_t)(memory / 4) : MOST;
}

bool output_complete(struct output *out, struct file_sink *complete, struct notes *notes, struct why *why)
{
    *complete = (struct file_sink){.fd = -1, .target = -1};
    if (!output_finish(out, notes, why)) {
        output_discard(out);
        return false;
    }
    out->open = false;
    if (!file_flush(&out->sink, why))
        return false;
    if (!out->sink.named)
        return file_place(&out->sink, false, why);
    *complete = out->sink;
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
