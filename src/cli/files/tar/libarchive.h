/*
 * The functions of libarchive that archive.c calls. They are loaded when the first archive comes: some fifteen libraries
 * come with them, which take longer to load than a small picture takes.
 */
#ifndef CLI_FILES_TAR_LIBARCHIVE_H
#define CLI_FILES_TAR_LIBARCHIVE_H

#include "base/why.h"

#include <archive.h>
#include <archive_entry.h>

#define LIBARCHIVE_FUNCTIONS(F)                                                                                            \
    F(entry_clone)                                                                                                         \
    F(entry_filetype)                                                                                                      \
    F(entry_free)                                                                                                          \
    F(entry_hardlink)                                                                                                      \
    F(entry_pathname)                                                                                                      \
    F(entry_set_size)                                                                                                      \
    F(entry_size)                                                                                                          \
    F(entry_sparse_clear)                                                                                                  \
    F(entry_sparse_count)                                                                                                  \
    F(entry_sparse_next)                                                                                                   \
    F(entry_sparse_reset)                                                                                                  \
    F(error_string)                                                                                                        \
    F(read_data)                                                                                                           \
    F(read_free)                                                                                                           \
    F(read_header_position)                                                                                                \
    F(read_new)                                                                                                            \
    F(read_next_header)                                                                                                    \
    F(read_open)                                                                                                           \
    F(read_set_option)                                                                                                     \
    F(read_support_format_empty)                                                                                           \
    F(read_support_format_tar)                                                                                             \
    F(set_error)                                                                                                           \
    F(write_close)                                                                                                         \
    F(write_data)                                                                                                          \
    F(write_fail)                                                                                                          \
    F(write_free)                                                                                                          \
    F(write_header)                                                                                                        \
    F(write_new)                                                                                                           \
    F(write_open)                                                                                                          \
    F(write_set_format_pax)

/* la.read_new is archive_read_new, and so on: once libarchive_load has been true. */
struct libarchive {
#define MEMBER(name) __typeof__(archive_##name) *name;
    LIBARCHIVE_FUNCTIONS(MEMBER)
#undef MEMBER
};
extern struct libarchive la;

/* False, with `why`: it is not installed, or this process may open no files. The first time decides. */
bool libarchive_load(struct why *why);

#endif
