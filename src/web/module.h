/*
 * What the module exports. A function that can fail returns 0 (NULL), and web_text is then the reason; after web_open,
 * web_take, web_measure, web_run and web_show it is otherwise JSON (tell.h). Arrays are the module's, and valid until its
 * next call. Parts of pictures are given as the rectangle of the picture and the step: see struct part.
 */
#ifndef WEB_MODULE_H
#define WEB_MODULE_H

#include <stddef.h>

#define EXPORT(type, name) __attribute__((export_name(#name))) type name

/* The numbers of what is asked: see enum ask. */
EXPORT(double *, web_ask)(void);

EXPORT(const char *, web_text)(void);

/* The name of space i; NULL behind the last. */
EXPORT(const char *, web_space)(int i);

/* Room for n bytes of a file, which is taken by the next web_open or web_take. NULL: out of memory. */
EXPORT(unsigned char *, web_room)(size_t n);

/* The place gets the picture of the n bytes in the room. */
EXPORT(int, web_open)(int place, size_t n);

/* The same of [height][width][4] bytes in the room, from another decoder. */
EXPORT(int, web_take)(int place, size_t width, size_t height);

EXPORT(void, web_close)(int place);

/* [2][TOLD_CHANNELS][VIEW_BINS] before and after, of the last web_run or web_show. */
EXPORT(double *, web_bins)(void);

/* What is measured of a picture by the numbers of web_ask. */
EXPORT(int, web_measure)(int place);

/* The whole picture, as the tool does it. */
EXPORT(int, web_run)(int place);

/* A part before: [ceil(height / step)][ceil(width / step)][4]. */
EXPORT(unsigned char *, web_before)(int place, size_t x, size_t y, size_t width, size_t height, size_t step);

/* The same of the output of the last web_run. */
EXPORT(unsigned char *, web_after)(size_t x, size_t y, size_t width, size_t height, size_t step);

/* The same at once, from the statistics of the picture. */
EXPORT(unsigned char *, web_show)(int place, size_t x, size_t y, size_t width, size_t height, size_t step);

/* The samples of the output of the last web_run: [C][H][W] floats, if a depth of 32 was asked for. */
EXPORT(unsigned char *, web_samples)(void);

/* Black over what does not count. */
EXPORT(unsigned char *, web_weights)(int place, size_t x, size_t y, size_t width, size_t height, size_t step);

/* Bytes of the file that was made last. */
EXPORT(size_t, web_size)(void);

/* The output of the last web_run. */
EXPORT(unsigned char *, web_png)(void);

/* The map of the last web_run as a .cube. */
EXPORT(unsigned char *, web_cube)(void);

#endif
