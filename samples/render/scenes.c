/*
 * Renders the sample pictures.
 *
 *   scenes DIR
 *   scenes DIR FRAMES
 *
 * writes six pictures into the folder DIR, or so many frames of a time lapse: frame-001.jpg and so on. Build:
 *
 *   cc -std=c11 -O2 -o scenes scene*.c -lpng -ljpeg -lm
 */
#include <stdio.h>
#include <stdlib.h>

#include "scene.h"

static const struct scene {
    const char *name;
    int width, height;
    int depth; /* bits per sample of a PNG; 0 for a JPEG */
    int grid;  /* samples across a pixel */
    shader *shade;
} scenes[] = {
    {"dusk.jpg", 480, 320, 0, 3, shade_dusk},         {"room.jpg", 480, 320, 0, 3, shade_room},
    {"tissue.png", 360, 270, 8, 3, shade_tissue},     {"fog.jpg", 480, 320, 0, 3, shade_fog},
    {"portrait.png", 360, 360, 8, 3, shade_portrait}, {"sky16.png", 480, 320, 16, 2, shade_sky},
};

static int draw(const struct scene *scene, const char *folder, const char *name)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        fprintf(stderr, "scenes: %s: name too long\n", folder);
        return -1;
    }

    struct picture picture = {.width = scene->width, .height = scene->height};
    picture.rgb = malloc((size_t)scene->width * (size_t)scene->height * 3 * sizeof *picture.rgb);
    if (!picture.rgb) {
        fprintf(stderr, "scenes: %s: out of memory\n", path);
        return -1;
    }
    render(&picture, scene->shade, scene->grid);
    int failed = scene->depth ? write_png(path, &picture, scene->depth) : write_jpeg(path, &picture);

    free(picture.rgb);
    return failed;
}

/* ---- a time lapse ---- */

static struct vec light; /* of the frame */

static struct vec shade_lapse(double x, double y)
{
    return mul(shade_dusk(x, y), light);
}

/* Night falls from frame to frame, and becomes bluer. The camera exposes each frame a little too long or too short. */
static void set_light(int frame, int frames)
{
    double night = frames > 1 ? frame / (frames - 1.0) : 0;
    double exposure = mix(1, 0.3, night) * exp(0.5 * (hash(frame, 0, 7) - 0.5));

    light = scale(blend(vec(1, 1, 1), vec(0.75, 0.9, 1.25), night), exposure);
}

static int draw_lapse(const char *folder, int frames)
{
    const struct scene scene = {.width = 240, .height = 160, .grid = 1, .shade = shade_lapse};
    for (int i = 0; i < frames; i++) {
        char name[32];
        snprintf(name, sizeof name, "frame-%03d.jpg", i + 1);
        set_light(i, frames);
        if (draw(&scene, folder, name) != 0)
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    char *end = "";
    long frames = argc == 3 ? strtol(argv[2], &end, 10) : 0;
    if (argc < 2 || argc > 3 || *end || (argc == 3 && (frames < 1 || frames > 999))) {
        fprintf(stderr, "usage: scenes DIR [FRAMES]\n");
        return 2;
    }
    if (frames > 0)
        return draw_lapse(argv[1], (int)frames) != 0;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        if (draw(&scenes[i], argv[1], scenes[i].name) != 0)
            return 1;
    return 0;
}
