/* By libarchive. */
#include "cli/files/tar.h"

#include "cli/files/tar/libarchive.h"

#include <errno.h>
#include <locale.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 1 << 16, PAD_MOST = 1 << 20 };

/* A sparse member is written hole by hole, but its content is looked at whole. */
#define SPARSE_MAX ((int64_t)1 << 36)

struct tar_reader {
    struct archive *archive;
    struct archive_entry *entry; /* read last; the archive's */
    struct tar_member member;
    struct file_source *file;
    bool once;
    uint64_t given; /* bytes of the file that the archive got */
    uint64_t read;  /* bytes of the content of the member */
    unsigned char bytes[READ_BYTES];
};

struct tar_writer {
    struct archive *archive;
    struct sink *to;
    uint64_t at;   /* in the sink */
    uint64_t left; /* of the content of the member */
    bool is_hole;  /* that is one hole, of which libarchive writes the map and takes no byte */
    bool discards; /* what is written from now on */
};

const char *tar_library(void)
{
    return ARCHIVE_VERSION_STRING;
}

/* ---- names ----------------------------------------------------------------------------------------------------------- */

/*
 * Names are read in the locale "C", where libarchive leaves their bytes as they are: in others it composes accents. They
 * are written in one of UTF-8: else each name with a byte that is not ASCII would be marked as no text, and tar warns of
 * that.
 */
static locale_t utf8;
static bool prepared;

static locale_t begin_utf8(void)
{
    if (!utf8)
        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return uselocale(utf8);
}

void tar_prepare(void)
{
    uselocale(begin_utf8());
    prepared = libarchive_load(&(struct why){0}); /* tar_open tells why not */
}

bool tar_is_prepared(void)
{
    return prepared;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

/* why <- what libarchive says, or the source. Always false. */
static bool read_failed(struct tar_reader *r, struct why *why)
{
    const char *text = la.error_string(r->archive);
    if (r->file->base.why.text[0])
        return why_set(why, "%s", r->file->base.why.text);
    return why_set(why, "damaged archive: %s", text ? text : "its end is missing");
}

static la_ssize_t give_bytes(struct archive *archive, void *to, const void **bytes)
{
    struct tar_reader *r = to;
    ssize_t n;
    if (r->once) {
        n = file_pass(r->file, r->bytes, sizeof r->bytes);
    } else {
        n = (ssize_t)r->file->base.read_at(&r->file->base, r->bytes, sizeof r->bytes, r->given);
        if (r->file->base.why.text[0])
            n = -1;
    }
    if (n < 0)
        la.set_error(archive, EIO, "%s", r->file->base.why.text);
    r->given += n > 0 ? (uint64_t)n : 0;
    *bytes = r->bytes;
    return n;
}

static ssize_t read_content(struct byte_stream *stream, void *to, size_t n, struct why *why)
{
    struct tar_reader *r = (struct tar_reader *)((char *)stream - offsetof(struct tar_reader, member.content));
    ssize_t got = la.read_data(r->archive, to, n);
    if (got == 0 && r->read < r->member.size) /* a hole at the end: it is found there, and given next */
        got = la.read_data(r->archive, to, n);
    r->read += got > 0 ? (uint64_t)got : 0;
    if (got < 0)
        return (read_failed(r, why), -1);
    if (r->read <= r->given || la.entry_sparse_count(r->entry) > 0)
        return got;
    why_set(why, "damaged archive: a member without holes has more bytes than the archive");
    return -1;
}

struct tar_reader *tar_open(struct file_source *file, bool once, struct why *why)
{
    if (!libarchive_load(why))
        return NULL;
    struct tar_reader *r = calloc(1, sizeof *r);
    if (r)
        r->archive = la.read_new();
    if (!r || !r->archive) {
        free(r);
        why_memory(why);
        return NULL;
    }
    r->file = file;
    r->once = once;
    r->member.content.read = read_content;
    if (la.read_support_format_tar(r->archive) == ARCHIVE_OK && la.read_support_format_empty(r->archive) == ARCHIVE_OK &&
        la.read_set_option(r->archive, "tar", "read_concatenated_archives", "1") == ARCHIVE_OK &&
        la.read_open(r->archive, r, NULL, give_bytes, NULL) == ARCHIVE_OK)
        return r;
    read_failed(r, why);
    tar_close(r);
    return NULL;
}

static bool is_ascii(const char *name)
{
    while (*name && (unsigned char)*name < 0x80)
        name++;
    return !*name;
}

/* Behind the last member there is at least one block of zeros: else a writer was stopped there. */
static enum selected end(struct tar_reader *r, struct why *why)
{
    if ((uint64_t)la.read_header_position(r->archive) < r->given)
        return SELECT_END;
    why_set(why, "truncated: the end of the archive is missing");
    return SELECT_ERROR;
}

enum selected tar_next(struct tar_reader *r, struct tar_member **member, struct notes *notes, struct why *why)
{
    int status = la.read_next_header(r->archive, &r->entry);
    if (status == ARCHIVE_EOF)
        return end(r, why);
    const char *name = status >= ARCHIVE_WARN ? la.entry_pathname(r->entry) : NULL;
    int64_t size = name ? la.entry_size(r->entry) : 0;
    if (!name || size < 0) {
        read_failed(r, why);
        return SELECT_ERROR;
    }
    if (la.entry_sparse_count(r->entry) > 0 && size > SPARSE_MAX) {
        why_set(why, "its sparse member of %lld bytes is larger than 64 GiB", (long long)size);
        return SELECT_ERROR;
    }
    if (status == ARCHIVE_WARN && is_ascii(name)) /* that another name is no text of the locale is nothing to tell */
        notes_add(notes, NOTE_VERBOSE, NULL, "%s", la.error_string(r->archive));
    r->read = 0;
    r->member.name = name;
    r->member.size = (uint64_t)size;
    r->member.is_file = la.entry_filetype(r->entry) == AE_IFREG && !la.entry_hardlink(r->entry);
    *member = &r->member;
    return SELECT_OK;
}

void tar_close(struct tar_reader *r)
{
    if (!r)
        return;
    la.read_free(r->archive);
    free(r);
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

static la_ssize_t take_bytes(struct archive *archive, void *to, const void *bytes, size_t n)
{
    struct tar_writer *w = to;
    if (w->discards)
        return (la_ssize_t)n;
    if (!w->to->write_at(w->to, bytes, n, w->at)) {
        la.set_error(archive, EIO, "%s", w->to->why.text);
        return -1;
    }
    w->at += n;
    return (la_ssize_t)n;
}

static bool write_failed(struct tar_writer *w, struct why *why)
{
    const char *text = la.error_string(w->archive);
    if (w->to->why.text[0])
        return why_set(why, "%s", w->to->why.text);
    return why_set(why, "the archive cannot be written: %s", text ? text : "out of memory");
}

struct tar_writer *tar_create(struct sink *to, struct why *why)
{
    if (!libarchive_load(why))
        return NULL;
    struct tar_writer *w = calloc(1, sizeof *w);
    if (w)
        w->archive = la.write_new();
    if (!w || !w->archive) {
        free(w);
        why_memory(why);
        return NULL;
    }
    w->to = to;
    if (la.write_set_format_pax(w->archive) == ARCHIVE_OK &&
        la.write_open(w->archive, w, NULL, take_bytes, NULL) == ARCHIVE_OK)
        return w;
    write_failed(w, why);
    tar_abandon(w);
    return NULL;
}

static bool check_whole(const struct tar_writer *w, struct why *why)
{
    return w->left == 0 || why_set(why, "a member has %llu bytes less than its header says", (unsigned long long)w->left);
}

static bool begin(struct tar_writer *w, struct archive_entry *entry, uint64_t size, struct why *why)
{
    locale_t before = begin_utf8();
    int status = la.write_header(w->archive, entry);
    uselocale(before);
    w->left = size;
    w->is_hole = false;
    return status >= ARCHIVE_WARN || write_failed(w, why);
}

/* Whether its map has no piece with data. */
static bool is_one_hole(struct archive_entry *entry)
{
    la_int64_t at, n = 0;
    bool sparse = la.entry_sparse_reset(entry) > 0;
    while (sparse && n == 0 && la.entry_sparse_next(entry, &at, &n) == ARCHIVE_OK)
        ;
    return sparse && n == 0;
}

bool tar_begin_copy(struct tar_writer *w, struct tar_reader *r, struct why *why)
{
    if (!check_whole(w, why) || !begin(w, r->entry, r->member.is_file ? r->member.size : 0, why))
        return false;
    w->is_hole = is_one_hole(r->entry);
    return true;
}

bool tar_begin_other(struct tar_writer *w, struct tar_reader *r, uint64_t size, struct why *why)
{
    if (!check_whole(w, why))
        return false;
    struct archive_entry *entry = la.entry_clone(r->entry);
    if (!entry)
        return why_memory(why);
    la.entry_sparse_clear(entry); /* the holes were those of the content before */
    la.entry_set_size(entry, (la_int64_t)size);
    bool ok = begin(w, entry, size, why);
    la.entry_free(entry);
    return ok;
}

bool tar_write(struct tar_writer *w, const void *from, size_t n, struct why *why)
{
    for (size_t done = 0; done < n;) {
        la_ssize_t put = la.write_data(w->archive, (const char *)from + done, n - done);
        if (put < 0)
            return write_failed(w, why);
        if (put == 0 && w->is_hole)
            break;
        if (put == 0)
            return why_set(why, "a member has more bytes than its header says");
        done += (size_t)put;
    }
    w->left -= n;
    return true;
}

bool tar_finish(struct tar_writer *w, struct why *why)
{
    locale_t before = begin_utf8();
    bool ok = check_whole(w, why) && (la.write_close(w->archive) == ARCHIVE_OK || write_failed(w, why));
    uselocale(before);
    tar_abandon(w);
    return ok;
}

void tar_abandon(struct tar_writer *w)
{
    if (!w)
        return;
    w->discards = true; /* libarchive keeps some memory of an archive that it does not end, which fills its member up */
    if (w->left > PAD_MOST)
        la.write_fail(w->archive);
    la.write_free(w->archive);
    free(w);
}
