/* The table of codecs, the search in it, and the functions that all codecs share. */
#include "codec/codec.h"

#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

extern const struct codec codec_png, codec_jpeg, codec_stb_png, codec_stb_jpeg, codec_stb_bmp, codec_webp, codec_pnm,
    codec_pfm, codec_npy, codec_tiff, codec_breaks;

const struct codec *const codecs[] = {
#ifdef HAVE_PNG
    &codec_png,
#elif defined STB_ALL
    &codec_stb_png,
#endif
#ifdef HAVE_JPEG
    &codec_jpeg,
#elif defined STB_ALL
    &codec_stb_jpeg,
#endif
#ifdef HAVE_WEBP
    &codec_webp,
#endif
#ifdef HAVE_TIFF
    &codec_tiff,
#endif
#ifdef HAVE_STB
    &codec_stb_bmp,
#endif
#ifdef HAVE_BREAKS
    &codec_breaks,
#endif
    &codec_pnm,     &codec_pfm, &codec_npy, NULL,
};

const struct codec *codec_sniff(const unsigned char *head, size_t n)
{
    for (size_t i = 0; codecs[i]; i++)
        if (codecs[i]->sniff(head, n))
            return codecs[i];
    return NULL;
}

const struct codec *codec_named(const char *name)
{
    for (size_t i = 0; codecs[i]; i++)
        if (strcmp(codecs[i]->name, name) == 0)
            return codecs[i];
    return NULL;
}

/* The codec whose files have this extension, and which can write if it must; NULL: there is none. */
static const struct codec *find_extension(const char *extension, bool writes)
{
    char wanted[16] = " ";
    size_t n = strlen(extension);

    if (n == 0 || n + 3 > sizeof wanted || strchr(extension, ' '))
        return NULL;
    for (size_t i = 0; i < n; i++)
        wanted[i + 1] = (char)tolower((unsigned char)extension[i]);
    wanted[n + 1] = ' ';
    for (size_t i = 0; codecs[i]; i++)
        if ((codecs[i]->create || !writes) && strstr(codecs[i]->extensions, wanted))
            return codecs[i];
    return NULL;
}

const struct codec *codec_for_extension(const char *extension)
{
    return find_extension(extension, true);
}

bool codec_reads_extension(const char *extension)
{
    return find_extension(extension, false) != NULL;
}

bool codec_holds(const struct codec *codec, enum sample sample)
{
    return codec->samples & HOLDS(sample);
}

bool codec_refuse_sample(struct why *why, const char *what, const char *depth, enum sample sample)
{
    char formats[80] = "";
    bool common = sample == SAMPLE_U8 || sample == SAMPLE_U16 || sample == SAMPLE_F32;
    for (size_t i = 0; codecs[i]; i++)
        if (codecs[i]->create && codec_holds(codecs[i], sample))
            text_append(formats, sizeof formats, "%s%s", *formats ? " or " : "", codecs[i]->name);
    return common || !*formats
               ? why_set(why, "%s: add --depth %s", what, depth)
               : why_set(why, "%s, not %s: add --depth %s, or write %s", what, sample_name(sample), depth, formats);
}

void *codec_new(size_t size, struct why *why)
{
    void *zeros = calloc(1, size);
    if (!zeros)
        why_memory(why);
    return zeros;
}

bool source_get(struct source *source, void *to, size_t n, uint64_t offset, struct why *why)
{
    if (source->read_at(source, to, n, offset) == n)
        return true;
    if (source->why.text[0])
        return why_set(why, "%s", source->why.text);
    return why_set(why, "truncated");
}

int write_quality(const struct write_options *options)
{
    const struct write_listener *listener = &options->listener;
    if (options->quality > 0)
        return options->quality;
    if (listener->chose)
        listener->chose(listener->context, QUALITY_DEFAULT);
    return QUALITY_DEFAULT;
}

bool limits_check(const struct limits *limits, uint64_t width, uint64_t height, struct why *why)
{
    if (width == 0 || height == 0)
        return why_set(why, "%llu x %llu pixels: a picture has at least one", (unsigned long long)width,
                       (unsigned long long)height);
    if (width > limits->max_pixels || height > limits->max_pixels / width)
        return why_set(why, "%llu x %llu pixels are more than the limit of %llu: see --max-pixels",
                       (unsigned long long)width, (unsigned long long)height, (unsigned long long)limits->max_pixels);
    if (width > CODEC_MAX_AXIS || height > CODEC_MAX_AXIS)
        return why_set(why, "%llu x %llu pixels: the limit is %u along an axis", (unsigned long long)width,
                       (unsigned long long)height, CODEC_MAX_AXIS);
    return true;
}
